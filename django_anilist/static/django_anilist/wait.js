/* Counts down where a page tells people to wait. Without it, the sentence stands as it was sent. */
for (const line of document.querySelectorAll("[data-anilist-wait]")) {
  const end = Date.now() + 1000 * Number(line.dataset.anilistWait);
  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

  const ready = () => {
    line.setAttribute("role", "status"); // said once; the seconds before are silent
    setTimeout(() => { line.textContent = line.dataset.ready; }, 100);
  };
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    if (left > 0) line.textContent = line.dataset.counting.replace("{time}", clock(left));
    else { clearInterval(timer); ready(); }
  };

  line.setAttribute("role", "timer");
  const timer = setInterval(tick, 1000);
  tick();
}
