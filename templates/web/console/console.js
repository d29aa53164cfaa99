// Renews what moves by itself: each element with data-renew, from the address that it names, while the page is looked at.
"use strict";
for (const place of document.querySelectorAll("[data-renew]")) {
  const renew = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(place.dataset.renew, { headers: { Accept: "text/html" }, redirect: "error" });
      if (!answer.ok) return;
      const fresh = await answer.text();
      if (fresh !== place.dataset.held && !place.contains(document.activeElement)) place.innerHTML = fresh;
      place.dataset.held = fresh;
    } catch {
      // The server is away for the moment; what stands there stays.
    }
  };
  setInterval(renew, Number(place.dataset.every || 15) * 1000);
  document.addEventListener("visibilitychange", renew);
}
