// Renews what moves by itself: each element with data-renew, from the address that it names, while the page is looked at.
// What changed in an element with data-say is put where those who hear the page are told of it.
"use strict";
for (const place of document.querySelectorAll("[data-renew]")) {
  const said = document.querySelector("[data-said]");
  const told = () => [...place.querySelectorAll("[data-say]")].map((one) => one.textContent.replace(/\s+/g, " ").trim()).join(" ");
  let held = "";
  const renew = async () => {
    if (document.hidden || place.contains(document.activeElement)) return;
    try {
      const answer = await fetch(place.dataset.renew);
      if (answer.status === 401) location.reload();
      if (!answer.ok || answer.redirected) return;
      const fresh = await answer.text(), before = told();
      if (fresh === held) return;
      held = fresh;
      place.innerHTML = fresh;
      if (said && told() !== before) said.textContent = told();
    } catch {
      // The server is away for the moment; what stands there stays.
    }
  };
  setInterval(renew, Number(place.dataset.every || 15) * 1000);
  document.addEventListener("visibilitychange", renew);
}
