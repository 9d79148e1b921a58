/*
 * A control loop around an exported policy: an observation a line in, an action a line out. Made
 * from the comment of the exported file alone.
 *
 *     landerctl export best --format c landing_policy.c
 *     cc -std=c99 -O2 controller.c landing_policy.c -lm -o controller
 *
 * Give the sizes of another vehicle than starship-hls by -DOBSERVATIONS=... -DACTIONS=...
 */
#include <math.h>
#include <stdio.h>

#ifndef OBSERVATIONS
#define OBSERVATIONS 65
#define ACTIONS 15
#endif

void landing_policy(const float observation[OBSERVATIONS], float action[ACTIONS]);

int main(void)
{
    float observation[OBSERVATIONS];
    float action[ACTIONS];
    float held[ACTIONS] = {0.0f};
    int k;

    for (;;) {
        int valid = 1;

        for (k = 0; k < OBSERVATIONS; ++k) {
            if (scanf("%f", &observation[k]) != 1) {
                return k == 0 && feof(stdin) ? 0 : 1;
            }
            if (!isfinite(observation[k])) {
                valid = 0;
            }
        }
        /* A faulty instrument must not reach an actuator: the last action is held. */
        if (valid) {
            landing_policy(observation, action);
            for (k = 0; k < ACTIONS; ++k) {
                held[k] = action[k];
            }
        }
        for (k = 0; k < ACTIONS; ++k) {
            printf("%.9g%c", (double)held[k], k < ACTIONS - 1 ? ' ' : '\n');
        }
        if (fflush(stdout) != 0) {
            return 1;
        }
    }
}
