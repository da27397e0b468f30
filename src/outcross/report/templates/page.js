"use strict";
(() => {
  const root = document.documentElement;
  const { policies, panels } = JSON.parse(document.getElementById("numbers").textContent);
  const tip = document.querySelector(".tip");
  const hidden = new Set();

  // The theme: what the system says, until somebody chooses.
  const button = document.querySelector("[data-theme-toggle]");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme || (system.matches ? "dark" : "light")) === "dark";
  const name = () => { document.querySelector("[data-theme-name]").textContent = isDark() ? "Light" : "Dark"; };
  const remembered = (value) => {
    try { return value ? localStorage.setItem("outcross-theme", value) : localStorage.getItem("outcross-theme"); }
    catch { return null; }
  };
  const stored = remembered();
  if (stored === "dark" || stored === "light") root.dataset.theme = stored;
  button.hidden = false;
  button.addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; remembered(root.dataset.theme); name(); });
  system.addEventListener("change", name);
  name();

  // Numbers as the page writes them.
  const raised = (text) => text.replace(/[-0-9]/g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]);
  const show = (value, figures = 4) => {
    if (value === null || value === undefined) return "—";
    if (typeof value === "string") return value;
    const size = Math.abs(value);
    if (size && (size < 1e-4 || size >= 1e7)) {
      const [digits, power] = value.toExponential(2).split("e");
      return (digits.replace(/\.?0+$/, "") + "×10" + raised(String(Number(power)))).replace("-", "−");
    }
    const text = Number(value.toPrecision(figures)).toString().replace("-", "−");
    return size >= 1e4 ? text.replace(/\B(?=(\d{3})+$)/g, "\u202f") : text;
  };

  const cell = (kind, text) => { const made = document.createElement(kind); made.textContent = text; return made; };
  const swatch = (policy) => {
    const key = document.querySelector(`.key[data-policy="${policy}"] svg`);
    return key ? key.cloneNode(true) : document.createTextNode("");
  };
  const line = (heading, values, policy) => {
    const made = document.createElement("tr");
    const head = cell("th", heading);
    if (policy !== undefined) head.prepend(swatch(policy));
    made.append(head, ...values.map((value) => cell("td", value)));
    return made;
  };

  // What a tooltip says at one place of a plot.
  const told = (panel, facet, at) => {
    const table = document.createElement("table");
    if (panel.kind === "histogram") {
      panel.rows.forEach((generation, row) => {
        const label = generation ? `generation ${generation}` : "human";
        table.append(line(label, [show(panel.facets[facet][row][at])]));
      });
      return [`bin ${show(panel.x[at])}`, table];
    }
    for (const one of panel.facets[facet]) {
      const place = policies.indexOf(one.policy);
      if (hidden.has(place) || one.mean[at] === undefined) continue;
      const [low, high] = [one.low?.[at] ?? null, one.high?.[at] ?? null];
      table.append(line(one.policy, [show(one.mean[at]), low === null ? "" : `${show(low, 3)} to ${show(high, 3)}`], place));
      if (one.theory?.[at] !== undefined) table.append(line("by theory", [show(one.theory[at])]));
    }
    return [panel.x[at] ? `generation ${panel.x[at]}` : "generation 0, human", table];
  };

  const position = (panel, at) => {
    const count = panel.x.length, last = panel.x[count - 1];
    if (panel.kind === "histogram") return (at + 0.5) / count;
    return last ? 0.015 + 0.97 * panel.x[at] / last : 0.5;
  };

  for (const plot of document.querySelectorAll(".plot")) {
    const panel = panels[plot.dataset.panel], facet = Number(plot.dataset.facet);
    const cross = document.createElement("div");
    cross.className = "cross";
    cross.hidden = true;
    plot.append(cross);
    let at = null;
    const hide = () => { at = null; cross.hidden = tip.hidden = true; };
    const point = (next) => {
      at = Math.max(0, Math.min(panel.x.length - 1, next));
      const share = position(panel, at), box = plot.getBoundingClientRect();
      cross.style.left = `${100 * share}%`;
      const [title, table] = told(panel, facet, at);
      tip.replaceChildren(cell("b", title), table);
      cross.hidden = tip.hidden = false;
      const x = box.left + share * box.width, width = tip.offsetWidth, height = tip.offsetHeight;
      const room = root.clientWidth, above = box.top - height - 6;
      tip.style.left = `${Math.max(8, Math.min(x - width / 2, room - width - 8))}px`;
      tip.style.top = `${above > 8 ? above : Math.min(box.bottom + 30, innerHeight - height - 8)}px`;
    };
    const nearest = (event) => {
      const box = plot.getBoundingClientRect(), share = (event.clientX - box.left) / box.width;
      let best = 0;
      panel.x.forEach((_, i) => { if (Math.abs(position(panel, i) - share) < Math.abs(position(panel, best) - share)) best = i; });
      point(best);
    };
    plot.addEventListener("pointermove", nearest);
    plot.addEventListener("pointerdown", nearest);
    plot.addEventListener("pointerleave", hide);
    plot.addEventListener("blur", hide);
    plot.addEventListener("keydown", (event) => {
      const moves = { ArrowRight: (at ?? -1) + 1, ArrowLeft: (at ?? panel.x.length) - 1, Home: 0, End: panel.x.length - 1 };
      if (event.key === "Escape") hide();
      else if (event.key in moves) { event.preventDefault(); point(moves[event.key]); }
    });
  }
  addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });

  // The legend hides policies, in every chart at once.
  for (const key of document.querySelectorAll("button.key")) {
    key.addEventListener("click", () => {
      const place = Number(key.dataset.policy), off = !hidden.has(place);
      if (off) hidden.add(place); else hidden.delete(place);
      key.setAttribute("aria-pressed", String(!off));
      for (const shape of document.querySelectorAll(`.p${place}`)) shape.style.display = off ? "none" : "";
    });
  }

  for (const copy of document.querySelectorAll(".copy")) {
    if (!navigator.clipboard) continue;
    copy.hidden = false;
    copy.addEventListener("click", async () => {
      try { await navigator.clipboard.writeText(document.getElementById(copy.dataset.copy).textContent); copy.textContent = "Copied"; }
      catch { copy.textContent = "Press Ctrl+C"; getSelection().selectAllChildren(document.getElementById(copy.dataset.copy)); }
      setTimeout(() => { copy.textContent = "Copy"; }, 2000);
    });
  }

  // Paper cannot be opened: everything is shown in print.
  addEventListener("beforeprint", () => { for (const one of document.querySelectorAll("details:not([open])")) { one.open = true; one.dataset.closed = ""; } });
  addEventListener("afterprint", () => { for (const one of document.querySelectorAll("details[data-closed]")) { one.open = false; delete one.dataset.closed; } });
})();
