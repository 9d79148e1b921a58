"""One spacecraft in a Basilisk task: hub, two tanks, lunar gravity, external forces."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from Basilisk.architecture import sys_model_task
from Basilisk.simulation import (
    extForceTorque,
    fuelTank,
    gravityEffector,
    spacecraft,
    svIntegrators,
)

from env.base.moon import MU_M3_S2, RADIUS_M
from env.physics.vehicle import Vehicle

# Scheduler priorities within a task, highest first: forces, messages, integration, judgement.
ACT, READ, INTEGRATE, JUDGE = 1000, 500, 100, 1


class CraftInputs(NamedTuple):
    """The Basilisk messages that a craft reads."""

    force: Any  # CmdForceBodyMsg, N, body axes
    torque: Any  # CmdTorqueBodyMsg, N m, about the body origin
    oxidizer_flow: Any  # MassFlowRateMsg, kg/s out of the tank
    fuel_flow: Any


class Craft(NamedTuple):
    """A craft's Basilisk modules. Keep a reference: the scheduler does not."""

    hub: Any  # spacecraft.Spacecraft
    parts: tuple[Any, ...]


def state_names(i: int) -> tuple[str, ...]:
    """Names of craft i's Basilisk states, in the order of Buffers.state_address."""
    return ("hubPosition", "hubVelocity", "hubSigma", "hubOmega", f"oxidizer_{i}", f"fuel_{i}")


def add_craft(
    task: sys_model_task.SysModelTask, vehicle: Vehicle, i: int, inputs: CraftInputs
) -> Craft:
    """Build craft i and put its modules into a task.

    The tanks are driven by mass flow, not by a thruster set: two tanks that share one would each
    drain the whole flow.

    A landing load is shallow in a wide tank, settled by thrust, and its surface falls little
    compared with the size of the craft. A cylinder of the tank's radius at the load's own station
    gives it the right moments of inertia (h^2 / 12 is small beside R^2 / 4) and the craft a centre
    of mass that moves as the tanks drain: UniformBurn. The model with a falling surface, Emptying,
    solves for the surface in every evaluation, which makes the whole propagation six times slower,
    and in Basilisk 2.12 adds to the inertia about the sphere's centre the parallel-axis term of the
    load's centre of mass: 35% too much for a half-full sphere.
    """
    hub = spacecraft.Spacecraft()
    hub.ModelTag = f"lander_{i}"
    hub.hub.mHub = vehicle.hub_mass_kg
    hub.hub.r_BcB_B = [[0.0], [0.0], [0.0]]
    hub.hub.IHubPntBc_B = np.diag(vehicle.hub_inertia_kg_m2).tolist()
    hub.hub.r_CN_NInit = [[0.0], [0.0], [RADIUS_M + 1000.0]]
    moon = gravityEffector.GravBodyData()
    moon.planetName = "moon"
    moon.mu = MU_M3_S2
    moon.radEquator = RADIUS_M
    moon.isCentralBody = True
    hub.gravField.gravBodies = spacecraft.GravBodyVector([moon])
    integrator = svIntegrators.svIntegratorRK2(hub)
    hub.setIntegrator(integrator)
    push = extForceTorque.ExtForceTorque()
    push.ModelTag = f"push_{i}"
    push.cmdForceBodyInMsg.subscribeTo(inputs.force)
    push.cmdTorqueInMsg.subscribeTo(inputs.torque)
    hub.addDynamicEffector(push)
    parts: list[Any] = [moon, integrator, push]
    *_, oxidizer_name, fuel_name = state_names(i)
    for name, station_m, flow in (
        (oxidizer_name, vehicle.oxidizer_station_m, inputs.oxidizer_flow),
        (fuel_name, vehicle.fuel_station_m, inputs.fuel_flow),
    ):
        shape = fuelTank.FuelTankModelUniformBurn()
        shape.propMassInit = 1.0
        shape.maxFuelMass = vehicle.propellant_capacity_kg
        shape.r_TcT_TInit = [[0.0], [0.0], [0.0]]
        shape.radiusTankInit = vehicle.tank_radius_m
        shape.lengthTank = vehicle.load_depth_m
        tank = fuelTank.FuelTank()
        tank.ModelTag = name
        tank.setTankModel(shape)
        tank.setR_TB_B([[0.0], [0.0], [station_m - vehicle.centre_of_mass_station_m]])
        tank.setNameOfMassState(name)
        tank.fuelLeakRateInMsg.subscribeTo(flow)
        hub.addStateEffector(tank)
        task.AddNewObject(tank, READ)
        parts += [shape, tank]
    task.AddNewObject(push, READ)
    task.AddNewObject(hub, INTEGRATE)
    return Craft(hub, tuple(parts))
