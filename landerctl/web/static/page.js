// Starts textual.js once its font is there: a terminal measures its cells only once.
"use strict";

const COLUMNS = 80;
const CELL_EM = 0.6; // width of a cell of Roboto Mono
const SMALLEST_PX = 10;
const LARGEST_PX = 15;

function fontSize() {
  const wanted = Number(new URLSearchParams(location.search).get("fontsize"));
  if (wanted >= 6 && wanted <= 40) return wanted;
  const fitting = Math.floor(innerWidth / (COLUMNS * CELL_EM));
  return Math.min(LARGEST_PX, Math.max(SMALLEST_PX, fitting));
}

function press(button) {
  const input = document.querySelector(".xterm-helper-textarea");
  const { key, code } = button.dataset;
  input.dispatchEvent(new KeyboardEvent("keydown", { key, keyCode: Number(code), bubbles: true }));
}

window.addEventListener("load", async () => {
  document.querySelector("#terminal").dataset.fontSize = fontSize();
  document.querySelector("#again").addEventListener("click", () => location.reload());
  for (const button of document.querySelectorAll("#keys button")) {
    // Not by a click: that would take the focus, and the phone's keyboard with it.
    button.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      press(button);
    });
  }
  await document.fonts.load("16px 'Roboto Mono'");
  const script = document.createElement("script");
  script.src = "/static/textual.js";
  script.addEventListener("load", () => {
    window.onload(new Event("load")); // the window's own has been before
    document.querySelector(".xterm-helper-textarea").focus();
  });
  document.head.append(script);
});
