/* Sorts and filters the tables of a report's page, draws curves and compares variants, from the JSON in the page. Asks no
 * server for anything; without it the page still has its tables and figures. */
'use strict';
(function () {
  const data = JSON.parse(document.getElementById('data').textContent);
  /* Of page.css, which has them for light and dark. */
  const colours = [1, 2, 3, 4, 5, 6, 7].map((n) => 'var(--line-' + n + ')');
  const colourPointedAt = 'var(--line-8)';
  const dashes = ['', '7 4', '2 3'];
  const LINES_MAX = colours.length;

  function element(name, attributes, text) {
    const node = document.createElement(name);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    if (text !== undefined) node.textContent = text;
    return node;
  }
  function svg(name, attributes, text) {
    const node = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    if (text !== undefined) node.textContent = text;
    return node;
  }
  function short(x) { return x === null || !isFinite(x) ? '' : String(Number(x.toPrecision(4))); }
  function signed(x) { return (x > 0 ? '+' : '') + short(x); }

  /* Statistics as docs/numerics.md defines them. */
  function moments(values) {
    const n = values.length, mean = values.reduce((a, b) => a + b, 0) / n;
    const sd = Math.sqrt(values.reduce((a, b) => a + (b - mean) * (b - mean), 0) / (n - 1));
    const t = data.t[Math.min(n - 1, data.t.length) - 1];
    return {n: n, mean: mean, half: n > 1 ? t * sd / Math.sqrt(n) : NaN};
  }
  /* y - x of pairs. What is no larger than the rounding of x and y, which have 15 digits here, is 0, and so is a mean. */
  function differences(pairs) {
    const roundings = pairs.map(([x, y]) => 1e-14 * (Math.abs(x) + Math.abs(y)));
    const d = pairs.map(([x, y], i) => Math.abs(y - x) <= roundings[i] ? 0 : y - x);
    const size = d.reduce((a, b) => a + Math.abs(b), 0), m = moments(d);
    const rounding = roundings.reduce((a, b) => a + b, 0) + Number.EPSILON * d.length * size;
    if (Math.abs(m.mean) * d.length <= rounding) m.mean = 0;
    return {values: d, moments: m, rounding: rounding};
  }
  function signFlip(d, rounding) {
    const size = d.reduce((a, b) => a + Math.abs(b), 0);
    const bar = Math.abs(d.reduce((a, b) => a + b, 0)) - Math.max(rounding, 1e-12 * size);
    let extreme = 0;
    for (let f = 0; f < 2 ** d.length; f++) {
      let sum = 0;
      for (let i = 0; i < d.length; i++) sum += f >> i & 1 ? -d[i] : d[i];
      if (Math.abs(sum) >= bar) extreme++;
    }
    return extreme / 2 ** d.length;
  }
  /* Values of a and b in one number, a mean for each unit of a. */
  function pairs(a, b, column) {
    const partners = new Map(b.trials.map((trial) => [trial[1], trial])), units = new Map();
    for (const trial of a.trials) {
      const other = partners.get(trial[1]);
      if (!other || trial[column] === null || other[column] === null) continue;
      const unit = units.get(trial[0]) || [0, 0, 0];
      units.set(trial[0], [unit[0] + trial[column], unit[1] + other[column], unit[2] + 1]);
    }
    return Array.from(units.values(), ([x, y, n]) => [x / n, y / n]);
  }
  function mean(variant, column) {
    const values = variant.trials.map((trial) => trial[column]).filter((x) => x !== null);
    return values.length ? values.reduce((a, b) => a + b, 0) / values.length : null;
  }

  /* A number at the start of a cell sorts by its size, other text by the alphabet; nothing is last. */
  function compareCells(x, y, direction) {
    if (!x || !y) return (x ? 0 : 1) - (y ? 0 : 1);
    const a = parseFloat(x), b = parseFloat(y);
    if (!isNaN(a) && !isNaN(b)) return direction * (a - b);
    return direction * x.localeCompare(y);
  }
  function makeSortable(table) {
    const heads = Array.from(table.tHead.rows[0].cells);
    heads.forEach((head) => {
      const button = element('button', {type: 'button'}, head.textContent);
      head.textContent = '';
      head.append(button);
      if (head.textContent === 'rank') head.setAttribute('aria-sort', 'ascending'); /* as it comes */
      button.addEventListener('click', () => {
        const direction = head.getAttribute('aria-sort') === 'ascending' ? -1 : 1;
        heads.forEach((other) => other.removeAttribute('aria-sort'));
        head.setAttribute('aria-sort', direction > 0 ? 'ascending' : 'descending');
        const rows = Array.from(table.tBodies[0].rows);
        const column = head.cellIndex;
        rows.sort((x, y) => compareCells(x.cells[column].textContent, y.cells[column].textContent, direction));
        table.tBodies[0].append(...rows);
      });
    });
  }
  function addFilter(table, tools) {
    const label = element('label', {}, 'Filter ');
    const input = element('input', {type: 'search', placeholder: 'part of a name'});
    const status = element('span', {role: 'status'});
    label.append(input);
    tools.append(label, status);
    input.addEventListener('input', () => {
      const words = input.value.toLowerCase().split(/\s+/);
      let shown = 0;
      for (const row of table.tBodies[0].rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        shown += row.hidden ? 0 : 1;
      }
      status.textContent = shown + ' of ' + table.tBodies[0].rows.length + ' variants';
    });
  }

  function ticks(low, high, count, least) {
    const rough = Math.max((high - low) / count, least), power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
    const list = [];
    for (let x = Math.ceil(low / step) * step; x <= high + step * 1e-9; x += step) list.push(x);
    return list;
  }
  /* The plot in words: of each chosen variant the best validation value and the last. */
  function describe(board, chosen, kind) {
    const words = chosen.map(([index]) => {
      const variant = board.variants[index], curve = (variant.curves['validation ' + kind] || [[]])[0];
      const there = curve.map((y, i) => [y, variant.epochs[i]]).filter(([y]) => y !== null);
      if (!there.length) return variant.label + ': no validation ' + kind;
      const best = there.reduce((a, b) => (kind === 'loss' ? b[0] < a[0] : b[0] > a[0]) ? b : a);
      return variant.label + ': ' + (kind === 'loss' ? 'lowest ' : 'highest ') + short(best[0]) + ' at epoch ' + best[1]
        + ', ' + short(there[there.length - 1][0]) + ' at the end';
    });
    return 'Validation ' + kind + ' by epoch. ' + words.join('; ') + '.';
  }
  /* Lines of the chosen variants: those curves whose name ends in `kind`. */
  function draw(board, chosen, kind, figure, legend) {
    const W = 900, H = 380, L = 76, R = 12, T = 10, B = 42;
    figure.replaceChildren();
    legend.replaceChildren();
    const lines = [];
    for (const [index, colour] of chosen) {
      const variant = board.variants[index];
      Object.keys(variant.curves).filter((name) => name.endsWith(kind)).forEach((name) => {
        const style = name.startsWith('validation') ? 0 : name.startsWith('probe') ? 1 : 2;
        lines.push({variant: variant, curve: variant.curves[name], name: name, colour: colour, dash: dashes[style],
          style: ['solid', 'dashed', 'dotted'][style]});
      });
    }
    const points = lines.flatMap((line) => line.curve[0]).filter((y) => y !== null).sort((a, b) => a - b);
    if (!points.length) {
      figure.append(svg('text', {x: L, y: 40}, 'Choose variants in the table to see their curves.'));
      figure.setAttribute('aria-label', 'No curves: no variant is chosen.');
      return;
    }
    const last = Math.max(2, ...lines.map((line) => line.variant.epochs[line.variant.epochs.length - 1] || 1));
    /* The first epochs and an explosion must not flatten all the rest. */
    const later = lines.flatMap((line) => line.curve[0].filter((y, i) => y !== null
      && line.variant.epochs[i] > last / 10)).sort((a, b) => a - b);
    let low = points[0], high = later.length ? later[later.length - 1] : points[points.length - 1];
    if (later.length && high > 10 * later[later.length >> 1]) high = 3 * later[later.length >> 1];
    if (high === low) { low -= 0.5; high += 0.5; }
    const x = (epoch) => L + (W - L - R) * (epoch - 1) / (last - 1);
    const y = (value) => T + (H - T - B) * (1 - (value - low) / (high - low));
    for (const value of ticks(low, high, 6, 0)) {
      figure.append(svg('line', {x1: L, x2: W - R, y1: y(value), y2: y(value), class: 'grid'}),
        svg('text', {x: L - 6, y: y(value) + 4, 'text-anchor': 'end'}, short(value)));
    }
    for (const epoch of ticks(1, last, 10, 1))
      figure.append(svg('text', {x: x(epoch), y: H - B + 18, 'text-anchor': 'middle'}, epoch));
    figure.append(svg('text', {x: (L + W - R) / 2, y: H - 6, 'text-anchor': 'middle'}, 'epoch'),
      svg('rect', {x: L, y: T, width: W - L - R, height: H - T - B, class: 'frame'}));
    figure.append(svg('text', {x: 0, y: 0, 'text-anchor': 'middle',
      transform: 'translate(14 ' + (T + H - B) / 2 + ') rotate(-90)'}, board.axes[kind]));
    figure.setAttribute('aria-label', describe(board, chosen, kind));
    const clip = svg('clipPath', {id: 'clip-' + board.number});
    const inside = svg('g', {'clip-path': 'url(#clip-' + board.number + ')'});
    clip.append(svg('rect', {x: L, y: T, width: W - L - R, height: H - T - B}));
    figure.append(clip, inside);
    for (const line of lines) {
      const epochs = line.variant.epochs, at = (values, i) => x(epochs[i]).toFixed(1) + ',' + y(values[i]).toFixed(1);
      const there = epochs.map((_, i) => i).filter((i) => line.curve[0][i] !== null);
      const band = there.filter((i) => line.curve[1][i] !== null && line.curve[2][i] !== null);
      if (!line.dash && band.length > 1) {
        const outline = band.map((i) => at(line.curve[2], i)).concat(band.reverse().map((i) => at(
          line.curve[1], i)));
        inside.append(svg('polygon', {points: outline.join(' '), style: 'fill: ' + line.colour, opacity: 0.18}));
      }
      inside.append(svg('polyline', {points: there.map((i) => at(line.curve[0], i)).join(' '), fill: 'none',
        style: 'stroke: ' + line.colour, 'stroke-width': 2, 'stroke-dasharray': line.dash}));
      const item = element('li', {}), stroke = element('span', {});
      stroke.style.borderColor = line.colour;
      stroke.style.borderTopStyle = line.style;
      item.append(stroke, line.variant.label + ': ' + line.name);
      legend.append(item);
    }
  }

  function addCurves(board, table, place, tools) {
    const rows = Array.from(table.tBodies[0].rows), pinned = new Map();
    const figure = svg('svg', {viewBox: '0 0 900 380', role: 'img', 'aria-label': 'curves of the chosen variants'});
    const legend = element('ul', {class: 'legend', 'aria-label': 'lines'});
    const around = element('div', {class: 'wide', role: 'region', tabindex: '0', 'aria-label': 'plot'});
    around.append(figure);
    const label = element('label', {}, 'Curves '), select = element('select', {});
    const kinds = board.classes ? ['loss', 'accuracy'] : ['loss'];
    kinds.forEach((kind) => select.append(element('option', {value: kind}, kind)));
    const status = element('span', {role: 'status'});
    label.append(select);
    tools.append(label, status);
    place.append(element('h3', {}, 'Curves'), element('p', {}, 'Mean over seeds of the variants chosen in the table, '
      + 'and the one pointed at. Solid: validation, with its band (below 6 seeds the range, else the 95 % interval '
      + 'of the mean); dashed: probe; dotted: training.'), around, legend);
    const show = (hovered) => {
      const chosen = Array.from(pinned);
      if (hovered !== undefined && !pinned.has(hovered)) chosen.push([hovered, colourPointedAt]);
      draw(board, chosen, select.value, figure, legend);
    };
    const colour = () => colours.find((one) => !Array.from(pinned.values()).includes(one));
    table.tHead.rows[0].prepend(element('th', {scope: 'col', class: 'pick'}, 'curve'));
    rows.forEach((row, index) => {
      const box = element('input', {type: 'checkbox', 'aria-label': 'curve of ' + board.variants[index].label});
      const cell = element('td', {class: 'pick'});
      cell.append(box);
      row.prepend(cell);
      const toggle = () => {
        const full = box.checked && pinned.size === LINES_MAX;
        if (box.checked && !full) pinned.set(index, colour());
        else { box.checked = false; pinned.delete(index); }
        status.textContent = full ? 'No more than ' + LINES_MAX + ' curves at once.' : '';
        show();
      };
      box.addEventListener('change', toggle);
      row.addEventListener('mouseenter', () => show(index));
      row.addEventListener('mouseleave', () => show());
      box.addEventListener('focus', () => show(index));
      box.addEventListener('blur', () => show());
      row.addEventListener('click', (event) => {
        if (event.target === box) return;
        box.checked = !box.checked;
        toggle();
      });
      if (index < 2) { box.checked = true; pinned.set(index, colour()); }
    });
    select.addEventListener('change', () => show());
    show();
  }

  function addComparison(board, place) {
    if (board.variants.length < 2) return;
    const tools = element('div', {class: 'tools'}), output = element('div', {'aria-live': 'polite'});
    const selects = ['A', 'B'].map((side, n) => {
      const label = element('label', {}, side + ' '), select = element('select', {class: 'side'});
      board.variants.forEach((variant, i) => select.append(element('option', {value: i}, variant.label)));
      select.selectedIndex = n;
      label.append(select);
      tools.append(label);
      select.addEventListener('change', compare);
      return select;
    });
    place.append(element('h3', {}, 'Compare two variants'), tools, output);
    function compare() {
      const [a, b] = selects.map((select) => board.variants[select.selectedIndex]);
      const table = element('table', {class: 'comparison'}), head = element('tr', {});
      ['number', 'A', 'B', 'B - A', '95 % interval', 'p', 'pairs'].forEach((name) =>
        head.append(element('th', {scope: 'col'}, name)));
      const thead = element('thead', {}), body = element('tbody', {});
      thead.append(head);
      board.numbers.forEach((name, n) => {
        const column = n + 2, d = differences(pairs(a, b, column)), row = element('tr', {}), m = d.moments;
        if (mean(a, column) === null && mean(b, column) === null) return;
        const few = m.n < 6;
        row.append(element('th', {scope: 'row'}, name));
        [short(mean(a, column)), short(mean(b, column)), m.n ? signed(m.mean) : '',
          few ? '' : signed(m.mean - m.half) + ' to ' + signed(m.mean + m.half),
          few ? 'too few seeds' : m.n > 16 ? 'see mlpsweep compare' : short(signFlip(d.values, d.rounding)), m.n]
          .forEach((text) => row.append(element('td', {}, text)));
        body.append(row);
      });
      table.append(element('caption', {}, 'A: ' + a.label + '; B: ' + b.label
        + '. B - A is paired by seeds; p: exact sign flips.'), thead, body);
      const around = element('div', {class: 'scroll', role: 'region', tabindex: '0', 'aria-label': 'comparison'});
      around.append(table);
      output.replaceChildren(around);
    }
    compare();
  }

  /* Paper has nothing to click on. */
  window.addEventListener('beforeprint', () => document.querySelectorAll('details').forEach((one) => { one.open = true; }));
  document.querySelectorAll('.leaderboard').forEach((section) => {
    const board = data.boards[section.dataset.board];
    board.number = section.dataset.board;
    const table = section.querySelector('table.board');
    const place = section.querySelector('.explore'), tools = element('div', {class: 'tools'});
    table.parentNode.before(tools);
    addFilter(table, tools);
    makeSortable(table);
    addCurves(board, table, place, tools);
    addComparison(board, place);
  });
})();
