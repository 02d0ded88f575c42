/* Adds to pages that are whole without it: sorting, search, filters, their state in the address, themes. */
"use strict";
(() => {
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const state = new URLSearchParams(location.search);

  function remember(name, value, usual) {
    if (value === usual || value === "") state.delete(name);
    else state.set(name, value);
    const query = state.toString().replaceAll("%3A", ":").replaceAll("%40", "@");
    try {
      history.replaceState(null, "", (query ? `?${query}` : location.pathname) + location.hash);
    } catch { /* some browsers keep the address of local files as it is */ }
  }

  /* As `facet_attribute` of massive_kit/publish/tables.py. */
  const attribute = (facet) => `data-${facet.replaceAll(/[\x00-\x20"'<>/=_\x7f]+/g, "-")}`;

  /* A row may have several values of a facet; parted as `SEVERAL` of massive_kit/publish/tables.py. */
  const values = (row, facet) => (row.getAttribute(attribute(facet)) ?? "").split(" + ");

  function start(box) {
    const name = box.dataset.table;
    const table = box.querySelector("table");
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    const lines = [...body.rows].map((row, place) => ({
      row, place, values: [...row.cells].map((cell) => cell.dataset.v ?? ""), text: null,
    }));
    const usualHead = heads.find((head) => head.ariaSort);
    const usual = usualHead ? `${usualHead.dataset.key}:${usualHead.ariaSort}` : "";

    function sort(head, direction) {
      const at = heads.indexOf(head);
      const number = !head.classList.contains("text") && !head.classList.contains("head");
      const sign = direction === "descending" ? -1 : 1;
      lines.sort((a, b) => {
        const [x, y] = [a.values[at], b.values[at]];
        if (x === "" || y === "") return (x === "") - (y === "") || a.place - b.place;
        return sign * (number ? x - y : collator.compare(x, y)) || a.place - b.place;
      });
      body.append(...lines.map((line) => line.row));
      for (const other of heads) other.removeAttribute("aria-sort");
      head.ariaSort = direction;
    }

    for (const head of heads) {
      // A drawing shows the numbers of the column beside it, which sorts.
      if (head.classList.contains("plot")) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      const title = head.querySelector(".t");
      const link = title.querySelector("a");
      if (link) {
        // A heading that is a link stays one; the button beside it sorts.
        button.append(Object.assign(document.createElement("span"), {
          className: "vh", textContent: `Sort by ${title.textContent}`,
        }));
        title.after(button);
      } else {
        button.append(...title.childNodes);
        title.append(button);
      }
      button.addEventListener("click", () => {
        const first = head.dataset.first ?? "ascending";
        const turned = head.ariaSort === "ascending" ? "descending" : "ascending";
        const direction = head.ariaSort ? turned : first;
        sort(head, direction);
        remember(`${name}.sort`, `${head.dataset.key}:${direction}`, usual);
      });
    }

    const tools = box.querySelector(".tools");
    const search = tools?.querySelector("[data-search]");
    const choices = tools ? [...tools.querySelectorAll("[data-facet]")] : [];
    const count = tools?.querySelector("[data-count]");

    function filter() {
      const words = (search?.value ?? "").normalize("NFKC").toLocaleLowerCase("en").split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const line of lines) {
        line.text ??= line.row.textContent.normalize("NFKC").toLocaleLowerCase("en");
        const hidden = !words.every((word) => line.text.includes(word)) || choices.some(
          (choice) => choice.value && !values(line.row, choice.dataset.facet).includes(choice.value),
        );
        line.row.hidden = hidden;
        shown += !hidden;
      }
      if (!count) return;
      const all = lines.length === 1 ? "1 row" : `${lines.length} rows`;
      count.textContent = shown === lines.length ? all : `${shown} of ${all}`;
    }

    const wanted = (state.get(`${name}.sort`) ?? "").match(/^(.*):(ascending|descending)$/);
    const head = wanted && heads.find((other) => other.dataset.key === wanted[1]);
    if (head) sort(head, wanted[2]);
    if (!tools) return;
    tools.hidden = false;
    if (search) search.value = state.get(`${name}.q`) ?? "";
    for (const choice of choices) {
      const value = state.get(`${name}.${choice.dataset.facet}`) ?? "";
      if ([...choice.options].some((option) => option.value === value)) choice.value = value;
    }
    filter();
    search?.addEventListener("input", () => {
      filter();
      remember(`${name}.q`, search.value, "");
    });
    for (const choice of choices) {
      choice.addEventListener("change", () => {
        filter();
        remember(`${name}.${choice.dataset.facet}`, choice.value, "");
      });
    }
  }

  function themes() {
    const button = document.querySelector("button.theme");
    if (!button) return;
    const order = ["auto", "light", "dark"];
    const root = document.documentElement;
    const show = () => { button.textContent = `Theme: ${root.dataset.theme ?? "auto"}`; };
    button.hidden = false;
    show();
    button.addEventListener("click", () => {
      const next = order[(order.indexOf(root.dataset.theme ?? "auto") + 1) % order.length];
      if (next === "auto") delete root.dataset.theme;
      else root.dataset.theme = next;
      try {
        if (next === "auto") localStorage.removeItem("theme");
        else localStorage.setItem("theme", next);
      } catch { /* the choice then holds for this page alone */ }
      show();
    });
  }

  for (const box of document.querySelectorAll(".table[data-table]")) start(box);
  themes();
  document.documentElement.dataset.ready = "";
})();
