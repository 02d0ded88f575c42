/* Any two systems, from the scripts under compare/data: pages opened from file:// may not fetch. */
"use strict";
const massiveKit = (() => {
  const picker = document.getElementById("picker");
  const outcome = document.getElementById("outcome");
  const [first, second] = ["first", "second"].map((id) => document.getElementById(id));
  // The board's metrics: position in the stored arrays, and heading.
  const metrics = picker.dataset.metrics.split("|").map((metric) => {
    const at = metric.indexOf(":");
    return { at: Number(metric.slice(0, at)), title: metric.slice(at + 1) };
  });
  const loaded = new Map();
  const waiting = new Map();
  let languages = {};
  let systems = [];

  // Of a score that is not defined on some resample, and on how many it must be for a test.
  const UNDEFINED = { 1: -128, 2: -32768 };
  const LEAST_DEFINED = 0.9;

  const AVERAGES = {
    "average:pooled": "Pooled over utterances",
    "average:macro_locales": "Mean over languages",
    "average:macro_genera": "Mean over genera",
  };

  function load(key) {
    if (loaded.has(key)) return Promise.resolve(loaded.get(key));
    return new Promise((done, failed) => {
      waiting.set(key, done);
      const script = document.createElement("script");
      script.src = `compare/data/${encodeURIComponent(key).replaceAll("%40", "@")}.js`;
      script.onerror = () => failed(new Error(key));
      document.head.append(script);
    });
  }

  function receive(system) {
    const kept = system.resampled;
    if (kept) {
      kept.packed = Uint8Array.from(atob(kept.packed), (c) => c.charCodeAt(0)).buffer;
      kept.place = new Map(kept.keys.map((key, at) => [key, at]));
      let start = 0;
      kept.starts = kept.bytes.map((widths) => widths.map((width) => {
        start += width * kept.count;
        return start - width * kept.count;
      }));
    }
    loaded.set(system.key, system);
    waiting.get(system.key)?.(system);
  }

  /* Scores on each resample. */
  function draws(kept, key, metric) {
    const at = kept.place.get(key);
    const [start, width] = [kept.starts[at][metric], kept.bytes[at][metric]];
    const [point, step] = [kept.point[at][metric], kept.steps[at][metric]];
    const column = kept.packed.slice(start, start + width * kept.count);
    const deviations = width === 1 ? new Int8Array(column) : new Int16Array(column);
    return Float64Array.from(deviations, (d) => (d === UNDEFINED[width] ? NaN : point + d * step));
  }

  function quantile(sorted, share) {
    const place = share * (sorted.length - 1);
    const below = Math.floor(place);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
  }

  /* Complementary error function by a Chebyshev fit; relative error below 1.2e-7 everywhere. */
  function erfc(x) {
    const t = 1 / (1 + x / 2);
    const fit = [-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807,
      -1.13520398, 1.48851587, -0.82215223, 0.17087277].reduceRight((sum, c) => c + t * sum, 0);
    return t * Math.exp(-x * x + fit);
  }

  function test(a, b, key, metric) {
    const [x, y] = [draws(a, key, metric), draws(b, key, metric)];
    const gaps = y.map((value, i) => value - x[i]).filter((value) => !Number.isNaN(value));
    const gap = b.point[b.place.get(key)][metric] - a.point[a.place.get(key)][metric];
    if (gaps.length < LEAST_DEFINED * x.length) return { gap };
    const mean = gaps.reduce((sum, value) => sum + value, 0) / gaps.length;
    const error = Math.sqrt(gaps.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (gaps.length - 1));
    const flat = !(error >= 1e-9);
    const p = flat ? Number(Math.abs(gap) < 1e-9) : erfc(Math.abs(gap) / error / Math.SQRT2);
    gaps.sort();
    return { gap, low: quantile(gaps, 0.025), high: quantile(gaps, 0.975), p, holm: p };
  }

  function holm(tests) {
    let least = 0;
    [...tests].sort((a, b) => a.p - b.p).forEach((test, i) => {
      least = Math.max(least, test.p * (tests.length - i));
      test.holm = Math.min(least, 1);
    });
  }

  function refusal(a, b) {
    for (const system of [a, b]) {
      if (!system.resampled) {
        const why = system.published ? "its numbers were copied from print" : "it was added without its stats.npz";
        return `No paired test: ${system.title} has no statistics, as ${why}.`;
      }
    }
    if (a.resampled.weights !== b.resampled.weights || a.resampled.count !== b.resampled.count) {
      return "No paired test: the two were not resampled alike (utterances, resamples, seed).";
    }
    return "";
  }

  /* Whether two scores may be subtracted: means only where they lack the same languages. */
  function comparable(a, b, key, metric) {
    if (a.scores[key][metric] === null || b.scores[key][metric] === null) return false;
    const without = ({ scores }) => Object.keys(scores).filter((k) => k.startsWith("locale:") && scores[k][metric] === null).sort().join();
    return !key.startsWith("average:macro") || without(a) === without(b);
  }

  /* What the page shows of two systems: a row for each average and language they share. */
  function compare(a, b) {
    const why = refusal(a, b);
    const averages = a.averaged === b.averaged && a.data === b.data;
    const keys = Object.keys(AVERAGES).concat(Object.keys(a.scores).filter((k) => k.startsWith("locale:")).sort())
      .filter((key) => key in a.scores && key in b.scores && (averages || key.startsWith("locale:")));
    const rows = keys.map((key) => ({ key, first: a.scores[key], second: b.scores[key], tests: [] }));
    for (const { at } of metrics) {
      for (const row of rows) {
        const may = comparable(a, b, row.key, at);
        const known = may && !why && a.resampled.place.has(row.key) && b.resampled.place.has(row.key);
        row.tests[at] = known ? test(a.resampled, b.resampled, row.key, at)
          : { gap: may ? row.second[at] - row.first[at] : null };
      }
      if (!why) holm(rows.filter((row) => row.key.startsWith("locale:")).map((row) => row.tests[at]).filter((t) => "p" in t));
    }
    return { why, averages, rows };
  }

  function node(name, properties = {}, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }
  const points = (value) => (value === null ? "\u2013" : (100 * value).toFixed(1));
  function signed(value) {
    if (value === null) return "\u2013";
    const text = (100 * value).toFixed(2);
    if (text === "0.00" || text === "-0.00") return "0.00";
    return value > 0 ? `+${text}` : text.replace("-", "\u2212");
  }
  const chance = (p) => (p < 0.001 ? "<\u20090.001" : p.toFixed(3));

  function plot(test, reach) {
    const space = "http://www.w3.org/2000/svg";
    const x = (value) => (4 + ((Math.max(-reach, Math.min(reach, value)) / reach + 1) / 2) * 152).toFixed(1);
    const svg = document.createElementNS(space, "svg");
    const set = (element, values) => Object.entries(values).forEach(([k, v]) => element.setAttribute(k, v));
    set(svg, { class: "ci", viewBox: "0 0 160 16", width: 160, height: 16, "aria-hidden": "true" });
    if (test.low !== undefined) {
      const bar = document.createElementNS(space, "path");
      set(bar, { d: `M${x(test.low)} 8H${x(test.high)}` });
      svg.append(bar);
    }
    const dot = document.createElementNS(space, "circle");
    set(dot, { cx: x(test.gap), cy: 8, r: 3 });
    svg.append(dot);
    return svg;
  }

  function headRow(tested, reach) {
    const head = (title, kind, scope = "col") => node("th", { scope, className: kind }, title);
    const row = node("tr", {}, head("Average or language", "head"));
    row.append(head(`${metrics[0].title}, difference (\u00b1${(100 * reach).toFixed(1)})`, "plot"));
    row.append(head("First", "number"), head("Second", "number"));
    for (const { title } of metrics) {
      row.append(head(title, "number"));
      if (tested) row.append(head("p", "number"));
    }
    return row;
  }

  function bodyRow(row, tested, reach) {
    const locale = row.key.replace(/^locale:/, "");
    const name = AVERAGES[row.key] ? node("b", {}, AVERAGES[row.key])
      : node("span", {}, languages[locale] ?? locale, " ", node("code", {}, locale));
    const line = node("tr", {}, node("th", { scope: "row" }, name));
    const main = row.tests[metrics[0].at];
    line.append(node("td", { className: "plot" }, ...(main.gap === null ? [] : [plot(main, reach)])));
    for (const score of [row.first, row.second]) line.append(node("td", { className: "number" }, points(score[metrics[0].at])));
    for (const { at } of metrics) {
      const test = row.tests[at];
      const cell = node("td", { className: "number" }, node("b", {}, signed(test.gap)), " ");
      cell.append(node("span", { className: "i" }, test.low === undefined ? "" : `${signed(test.low)} to ${signed(test.high)}`));
      line.append(cell);
      if (!tested) continue;
      const p = test.holm === undefined ? "\u2013" : chance(test.holm);
      line.append(node("td", { className: "number" }, test.holm < 0.05 ? node("b", { className: "sure" }, p) : p));
    }
    return line;
  }

  function show(a, b) {
    const { why, averages, rows } = compare(a, b);
    const parts = [];
    if (why) parts.push(node("p", { className: "warning" }, `${why} The differences below are plain subtractions.`));
    if (!averages) parts.push(node("p", { className: "warning" }, "The two are averaged over different languages, so their averages are not compared."));
    if (rows.length === 0) {
      parts.push(node("p", {}, "The two share no language."));
      outcome.replaceChildren(...parts);
      return;
    }
    const main = metrics[0].at;
    const local = rows.filter((row) => row.key.startsWith("locale:")).map((row) => row.tests[main]).filter((test) => "p" in test);
    if (!why) {
      const sure = local.filter((test) => test.holm < 0.05);
      const up = sure.filter((test) => test.gap > 0).length;
      parts.push(node("p", { className: "lead" }, `${metrics[0].title} is significantly higher on ${sure.length - up} of ${local.length === 1 ? "1 language" : `${local.length} languages`} for the first, on ${up} for the second; on ${local.length - sure.length} no difference is shown.`));
    }
    const ends = rows.flatMap((row) => [row.tests[main].gap, row.tests[main].low, row.tests[main].high]);
    const reach = Math.max(0.01, ...ends.filter((end) => typeof end === "number").map(Math.abs));
    const table = node("table", { className: "pair" },
      node("caption", {}, node("span", {}, `First: ${a.title}. Second: ${b.title}. Differences are second minus first, in points`)),
      node("thead", {}, headRow(!why, reach)),
      node("tbody", {}, ...rows.map((row) => bodyRow(row, !why, reach))));
    const region = node("div", { className: "scroll", tabIndex: 0 }, table);
    region.setAttribute("role", "region");
    region.setAttribute("aria-label", `${a.title} and ${b.title}`);
    outcome.replaceChildren(...parts, region);
  }

  async function update() {
    const state = new URLSearchParams(location.search);
    state.set("a", first.value);
    state.set("b", second.value);
    try {
      history.replaceState(null, "", `?${state.toString().replaceAll("%40", "@")}${location.hash}`);
    } catch { /* some browsers keep the address of local files as it is */ }
    if (first.value === second.value) {
      outcome.replaceChildren(node("p", {}, "Choose two different systems."));
      return;
    }
    try {
      const [a, b] = await Promise.all([load(first.value), load(second.value)]);
      if (a.key === first.value && b.key === second.value) show(a, b);
    } catch (error) {
      outcome.replaceChildren(node("p", { className: "warning" }, `The file of ${error.message} cannot be read.`));
    }
    document.documentElement.dataset.compared = `${first.value} ${second.value}`;
  }

  function list(known) {
    ({ systems, languages } = known);
    for (const select of [first, second]) {
      for (const section of new Set(systems.map((system) => system.section))) {
        const group = node("optgroup", { label: section });
        for (const system of systems.filter((other) => other.section === section)) {
          group.append(node("option", { value: system.key }, `${system.title}, ${system.team}`));
        }
        select.append(group);
      }
    }
    if (systems.length < 2) return;
    const state = new URLSearchParams(location.search);
    const wanted = (name, usual) => (systems.some((system) => system.key === state.get(name)) ? state.get(name) : usual);
    first.value = wanted("a", systems[0].key);
    second.value = wanted("b", systems.find((system) => system.key !== first.value).key);
    picker.hidden = false;
    first.addEventListener("change", update);
    second.addEventListener("change", update);
    document.getElementById("swap").addEventListener("click", () => {
      [first.value, second.value] = [second.value, first.value];
      update();
    });
    update();
  }

  return { list, receive, compare, loaded };
})();
