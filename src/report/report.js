'use strict';
// Draws the report from the data in the page. Texts of the data (class names, file names) are only ever set as
// text, never as markup.

const report = JSON.parse(document.getElementById('document').textContent);
// Names whose letters run from right to left leave the text around them as it is. These marks do what <bdi> does, in
// attributes and titles too.
const isolated = (name) => `\u2068${name}\u2069`;
for (const run of report.runs) {
  run.classes = run.classes.map(isolated);
  run.name = isolated(run.name);
}
const kColours = ['--blue', '--orange', '--green', '--violet', '--red'].map((name) => `var(${name})`);

// ---- Making elements

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return node;
}
const make = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
const draw = (tag, attributes, ...children) =>
    fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);

const percent = (fraction, digits = 1) => fraction === null ? '–' : `${(100 * fraction).toFixed(digits)} %`;
const fixed = (value, digits = 3) => value === null ? '–' : value.toFixed(digits);
const count = (value) => value.toLocaleString('en');
const plural = (n, one, many = one + 's') => `${count(n)} ${n === 1 ? one : many}`;

function duration(seconds) {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return `${Math.round(seconds)} s`;
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const sum = (values) => values.reduce((a, b) => a + b, 0);

// ---- Images

function imageCard(run, number) {
  const p = run.images[number];
  const right = p.truth === p.predicted;
  return make('figure', {class: 'image', title: p.file},
      p.src ? make('img', {src: p.src, alt: run.classes[p.truth], decoding: 'async'})
            : make('div', {class: 'gone'}, 'not there any more'),
      make('figcaption', null,
          make('span', {class: right ? 'right' : 'wrong'}, `${percent(p.confidence, 0)} ${run.classes[p.predicted]}`),
          right ? null : make('br'),
          right ? null : `is ${run.classes[p.truth]} (${percent(p.truth_probability, 0)})`,
          make('br'), p.file.split('/').pop()));
}

// The first few images, and the others on demand.
function imageGrid(run, numbers, shown = 12) {
  const grid = make('div', {class: 'images'}, numbers.slice(0, shown).map((n) => imageCard(run, n)));
  if (numbers.length <= shown) return grid;
  const more = make('button', {
    type: 'button',
    onclick() {
      grid.append(...numbers.slice(shown).map((n) => imageCard(run, n)));
      more.remove();
    }
  }, `Show ${numbers.length - shown} more`);
  return make('div', null, grid, more);
}

// ---- Charts

// Room for the numbers of the upright axis, in the large letters of narrow screens too.
const kAxis = 62;

function ticks(low, high, wanted = 5) {
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; ++i) found.push(i * step);
  return found;
}

// series: [{name, colour, dashed, values: [[epoch, value], ...]}]. Says the values at the epoch under the pointer.
function lineChart(caption, series, format, fixed) {
  series = series.map((s) => ({...s, values: s.values.filter(([, value]) => value !== null)}))
               .filter((s) => s.values.length > 0);
  if (series.length === 0) return null;
  const width = 520, height = 250, left = kAxis, right = 14, top = 10, bottom = 26;
  const xs = series.flatMap((s) => s.values.map(([x]) => x));
  const ys = series.flatMap((s) => s.values.map(([, y]) => y));
  let [low, high] = fixed ?? [Math.min(0, ...ys), Math.max(...ys)];
  if (high <= low) high = low + 1;
  const step = ticks(low, high)[1] - ticks(low, high)[0];
  high = Math.ceil(high / step - 1e-9) * step;  // the uppermost line of the grid
  const first = Math.min(...xs), last = Math.max(...xs);
  const x = (epoch) => left + (last === first ? 0.5 : (epoch - first) / (last - first)) * (width - left - right);
  const y = (value) => height - bottom - (Math.min(value, high) - low) / (high - low) * (height - top - bottom);
  const pointer = draw('line', {class: 'grid', y1: top, y2: height - bottom, visibility: 'hidden'});
  const legend = make('div', {class: 'legend'});
  const explain = (epoch) => legend.replaceChildren(
      ...(epoch === null ? [] : [make('span', null, `epoch ${epoch}`)]),
      ...series.map((s) => {
        const at = s.values.find(([e]) => e === epoch);
        return make('span', null, make('i', {style: `background: ${s.colour}`}),
            at ? `${s.name} ${format(at[1])}` : s.name);
      }));
  explain(null);
  const chart = draw('svg', {
    class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': caption,
    onpointermove(event) {
      const box = chart.getBoundingClientRect();
      const at = (event.clientX - box.left) / box.width * width;
      const epoch = xs.reduce((best, e) => Math.abs(x(e) - at) < Math.abs(x(best) - at) ? e : best);
      fill(pointer, {x1: x(epoch), x2: x(epoch), visibility: 'visible'}, []);
      explain(epoch);
    },
    onpointerleave() {
      pointer.setAttribute('visibility', 'hidden');
      explain(null);
    }
  },
      ticks(low, high).map((value) => [
        draw('line', {class: 'grid', x1: left, x2: width - right, y1: y(value), y2: y(value)}),
        draw('text', {x: left - 6, y: y(value) + 4, 'text-anchor': 'end'}, format(value, true))]),
      (last === first ? [first] : ticks(first, last, 6)).filter(Number.isInteger).map((epoch) =>
          draw('text', {x: x(epoch), y: height - 8, 'text-anchor': 'middle'}, String(epoch))),
      pointer,
      series.map((s) => s.values.length === 1
          ? draw('circle', {cx: x(s.values[0][0]), cy: y(s.values[0][1]), r: 4, fill: s.colour})
          : draw('polyline', {
              class: 'series', style: `stroke: ${s.colour}`, 'stroke-dasharray': s.dashed ? '5 4' : null,
              points: s.values.map(([e, value]) => `${x(e).toFixed(1)},${y(value).toFixed(1)}`).join(' ')
            })));
  return make('figure', null, make('figcaption', null, caption), chart, legend);
}

const curve = (run, key) => run.epochs.map((e) => [e.epoch, e[key]]);
const lossText = (value, tick) => tick ? String(+value.toPrecision(3)) : value.toFixed(3);
const fractionText = (value, tick) => percent(value, tick ? 0 : 1);

// Accuracy against confidence (bars; where they end on the line, confidence is right), and how many images.
function reliability(test) {
  const width = 520, height = 300, left = kAxis, top = 10, plot = 210, bottom = 26;
  const across = width - left - 26, n = test.bins.length, bar = across / n;
  const max = Math.max(...test.bins.map((b) => b.images), 1);
  const y = (fraction) => top + plot * (1 - fraction);
  const base = height - bottom;
  return make('figure', null,
      make('figcaption', null, 'How often it is right, by how sure it is; below, how often it is that sure'),
      draw('svg', {class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': 'reliability'},
          [0, 0.25, 0.5, 0.75, 1].map((fraction) => [
            draw('line', {class: 'grid', x1: left, x2: left + across, y1: y(fraction), y2: y(fraction)}),
            draw('text', {x: left - 6, y: y(fraction) + 4, 'text-anchor': 'end'}, percent(fraction, 0)),
            draw('text', {x: left + fraction * across, y: height - 8, 'text-anchor': 'middle'}, percent(fraction, 0))]),
          test.bins.map((b, i) => b.images === 0 ? [] : [
            draw('rect', {x: left + i * bar + 1, width: bar - 2, y: y(b.accuracy), height: plot * b.accuracy,
                          style: 'fill: var(--blue)', opacity: 0.35 + 0.65 * Math.sqrt(b.images / max)},
                draw('title', null, `says ${percent(b.confidence)}, right ${percent(b.accuracy)}, ` +
                    plural(b.images, 'image'))),
            draw('rect', {x: left + i * bar + 1, width: bar - 2, y: base - 40 * b.images / max,
                          height: 40 * b.images / max, style: 'fill: var(--faint)'})]),
          draw('line', {x1: left, y1: y(0), x2: left + across, y2: y(1), style: 'stroke: var(--orange)',
                        'stroke-dasharray': '5 4', 'stroke-width': 2})));
}

// ---- Tables

// columns: [{name, number, value(row), show(row)}]; sorts by any of them.
function sortable(columns, rows, start) {
  const body = make('tbody');
  let by = start, down = false;
  const heads = columns.map((column, i) => make('th', {class: column.number ? 'number' : null},
      make('button', {type: 'button', onclick() { sort(i, by === i ? !down : column.number === true); }}, column.name)));
  function sort(column, descending) {
    by = column;
    down = descending;
    heads.forEach((head, i) => i === by ? head.setAttribute('aria-sort', down ? 'descending' : 'ascending')
                                        : head.removeAttribute('aria-sort'));
    const value = columns[by].value;
    const order = (a, b) => typeof value(a) === 'string' ? value(a).localeCompare(value(b))
                                                         : (value(a) ?? -1) - (value(b) ?? -1);
    body.replaceChildren(...[...rows].sort((a, b) => (down ? -1 : 1) * order(a, b)).map((row) =>
        make('tr', null, columns.map((c) => make('td', {class: c.number ? 'number' : null}, c.show(row))))));
  }
  sort(start, false);
  return make('div', {class: 'scroll'}, make('table', null, make('thead', null, make('tr', null, heads)), body));
}

const bar = (fraction) => make('span', {class: 'bar'}, make('i', {style: `width: ${100 * (fraction ?? 0)}%`}));

// ---- Sections of a run: each a function of it that gives elements, or null where there is nothing to show

function verdictSection(run) {
  const tile = (value, name) => make('div', null, make('b', null, value), make('span', null, name));
  const test = run.test;
  const seconds = sum(run.epochs.map((e) => e.seconds ?? 0));
  return [
    make('ul', {class: 'verdict'}, run.verdict.map((r) => make('li', {class: r.tone}, r.text))),
    make('div', {class: 'tiles'},
        test ? tile(percent(test.top1), `top-1, ${percent(test.low)} to ${percent(test.high)} with 95 % certainty`) : null,
        test && run.classes.length > 5 ? tile(percent(test.top5), 'top-5') : null,
        test ? tile(fixed(test.loss), 'loss') : null,
        test ? tile(percent(test.calibration_error), 'calibration error') : null,
        run.training ? tile(percent(run.training.top1), `top-1 on ${plural(run.training.images, 'training image')}`) : null,
        tile(count(sum(run.train_counts)), 'training images'),
        tile(String(run.classes.length), 'classes'),
        tile(plural(run.epochs.length, 'epoch'), `in ${duration(seconds)}`))];
}

function curvesSection(run) {
  if (run.epochs.length === 0) return null;
  return make('div', {class: 'pair'},
      lineChart('Accuracy by epoch', [
        {name: 'validation top-1', colour: kColours[0], values: curve(run, 'val_top1')},
        {name: 'validation top-5', colour: kColours[2], values: curve(run, 'val_top5')},
        {name: 'training top-1', colour: kColours[1], dashed: true, values: curve(run, 'train_top1')}], fractionText, [0, 1]),
      lineChart('Loss by epoch (the training loss includes the l2 part)', [
        {name: 'validation', colour: kColours[0], values: curve(run, 'val_loss')},
        {name: 'training', colour: kColours[1], dashed: true, values: curve(run, 'train_loss')}], lossText),
      lineChart('Learning rate', [{name: 'lr', colour: kColours[3], values: curve(run, 'lr')}],
          (value, tick) => tick ? String(+value.toPrecision(2)) : value.toPrecision(4)),
      lineChart('Training speed, images per second',
          [{name: 'images per second', colour: kColours[2], values: curve(run, 'images_per_s')}],
          (value) => value.toFixed(0)));
}

const kMatrixClasses = 40;

function confusionSection(run) {
  if (!run.test) return null;
  const scores = run.test.scores;
  const cells = new Map(run.test.confusion.map(([t, p, n]) => [t * run.classes.length + p, n]));
  const cell = (t, p) => cells.get(t * run.classes.length + p) ?? 0;
  const mistakes = run.classes.map(() => 0);
  for (const [t, p, n] of run.test.confusion)
    if (t !== p) { mistakes[t] += n; mistakes[p] += n; }
  const orders = {
    'by name': (a, b) => a - b,
    'most confused first': (a, b) => mistakes[b] - mistakes[a],
    'least found first': (a, b) => (scores[a].recall ?? 2) - (scores[b].recall ?? 2),
    'most images first': (a, b) => scores[b].images - scores[a].images,
  };
  const panel = make('div', {'aria-live': 'polite'});
  const holder = make('div', {class: 'scroll'});

  function show(button, t, p) {
    holder.querySelectorAll('[aria-pressed="true"]').forEach((b) => b.setAttribute('aria-pressed', 'false'));
    button.setAttribute('aria-pressed', 'true');
    const shown = run.images.map((_, i) => i).filter((i) =>
        run.images[i].set === 'validation' && run.images[i].truth === t && run.images[i].predicted === p);
    const n = cell(t, p);
    panel.replaceChildren(
        make('h3', null, t === p ? `${run.classes[t]}, recognised: ${plural(n, 'image')}`
                                 : `${run.classes[t]} taken for ${run.classes[p]}: ${plural(n, 'image')}`),
        shown.length < n ? make('p', {class: 'faint'}, `${shown.length} of them are in this file.`) : '',
        imageGrid(run, shown, 24));
  }

  function build(order) {
    const classes = run.classes.map((_, i) => i)
                        .sort(run.classes.length > kMatrixClasses ? orders['most confused first'] : orders[order])
                        .slice(0, kMatrixClasses).sort(orders[order]);
    const entry = (t, p) => {
      const n = cell(t, p), fraction = n / Math.max(scores[t].images, 1);
      if (n === 0) return make('td', null, make('span', {class: 'none', style: '--shade: var(--page); --fraction: 0'}));
      // Mistakes are rarer than hits: their shade grows faster.
      const shade = t === p ? fraction : Math.min(1, 0.15 + 2.5 * fraction);
      return make('td', null, make('button', {
        type: 'button', 'aria-pressed': 'false',
        style: `--shade: var(${t === p ? '--hit' : '--miss'}); --fraction: ${shade.toFixed(3)}`,
        title: `${run.classes[t]} taken for ${run.classes[p]}: ${n} (${percent(fraction)})`,
        onclick(event) { show(event.currentTarget, t, p); }
      }, String(n)));
    };
    holder.replaceChildren(make('table', {class: 'confusion'},
        make('thead', null, make('tr', null, make('th'), classes.map((p) => make('th', null, make('span', null, run.classes[p]))))),
        make('tbody', null, classes.map((t) => make('tr', null,
            make('th', {title: run.classes[t]}, run.classes[t]), classes.map((p) => entry(t, p)))))));
  }

  const choice = make('select', {onchange() { build(choice.value); }}, Object.keys(orders).map((name) => make('option', null, name)));
  build('by name');
  const pairs = run.test.confusion.filter(([t, p]) => t !== p).sort((a, b) => b[2] - a[2]).slice(0, 8);
  return [
    make('p', {class: 'faint'}, 'Rows: what an image is. Columns: what it was taken for.',
        make('span', {class: 'screen'}, ' Click a number to see images.')),
    make('div', {class: 'tools'}, make('label', null, 'Order ', choice),
        run.classes.length > kMatrixClasses ? make('span', {class: 'faint'}, `The ${kMatrixClasses} most confused of ${run.classes.length} classes.`) : null),
    holder, panel,
    pairs.length === 0 ? null : make('h3', null, 'Commonest mistakes'),
    pairs.length === 0 ? null : make('ul', null, pairs.map(([t, p, n]) => make('li', null,
        `${run.classes[t]} taken for ${run.classes[p]}: ${n} of ${plural(scores[t].images, 'image')}`)))];
}

function classesSection(run) {
  if (!run.test) return null;
  const rows = run.test.scores.map((score, i) => ({...score, name: run.classes[i]}));
  return [
    make('p', {class: 'faint'}, 'Recall: how many images of the class are found (with 95 % interval). Precision: how ' +
        'many that were taken for it belong there. F1: their harmonic mean.'),
    sortable([
      {name: 'class', value: (r) => r.name, show: (r) => r.name},
      {name: 'images', number: true, value: (r) => r.images, show: (r) => count(r.images)},
      {name: 'recall', number: true, value: (r) => r.recall,
       show: (r) => [bar(r.recall), ` ${percent(r.recall)}`]},
      {name: 'interval', number: true, value: (r) => r.low,
       show: (r) => r.images === 0 ? '–' : `${percent(r.low, 0)} – ${percent(r.high, 0)}`},
      {name: 'precision', number: true, value: (r) => r.precision, show: (r) => percent(r.precision)},
      {name: 'F1', number: true, value: (r) => r.f1, show: (r) => fixed(r.f1)},
    ], rows, 0)];
}

function calibrationSection(run) {
  if (!run.test) return null;
  return [
    make('p', {class: 'faint'}, `Bars that end on the dashed line: its confidence is right. Below it, it claims too ` +
        `much. Expected calibration error: ${percent(run.test.calibration_error)}, over ${run.test.bins.length} bins.`),
    make('div', {style: 'max-width: 42rem'}, reliability(run.test))];
}

function mistakesSection(run) {
  if (!run.test) return null;
  return [
    make('h3', null, 'Worst mistakes: sure and wrong'),
    run.worst.length > 0 ? imageGrid(run, run.worst) : make('p', null, 'None: every validation image was right.'),
    make('h3', null, 'Least certain'), imageGrid(run, run.uncertain)];
}

function suspiciousSection(run) {
  const sets = Object.entries(run.suspicious).filter(([, found]) => found.count > 0);
  if (Object.keys(run.suspicious).length === 0) return null;
  return [
    make('p', {class: 'faint'}, 'Another class is predicted at least as surely as its own images are on average. ' +
        'Some of these labels are wrong, others are hard images, and the weaker the model the more of those: look at the first ones.'),
    sets.length === 0 ? make('p', null, 'None.') : null,
    sets.map(([set, found]) => [
      make('h3', null, `${set === 'train' ? 'Training' : 'Validation'} images: ${plural(found.count, 'candidate')}`),
      imageGrid(run, found.images)])];
}

function duplicatesSection(run) {
  if (!run.duplicates) return null;
  if (run.duplicate_count === 0)
    return make('p', null, `None found among ${plural(run.test.images, 'validation image')} and ` +
        `${plural(run.training.images, 'training image')} looked at.`);
  return [
    make('p', {class: 'faint'}, `${plural(run.duplicate_count, 'validation image')} look like one of ` +
        `${plural(run.training.images, 'training image')} looked at (left: validation, right: training).`),
    make('div', {class: 'twins'}, run.duplicates.map((pair) =>
        make('div', {title: `difference ${percent(pair.difference)} of the contrast`},
            imageCard(run, pair.validation), imageCard(run, pair.train))))];
}

function filtersSection(run) {
  if (!run.filters) return null;
  const f = run.filters;
  return [
    make('p', {class: 'faint'}, `The ${f.count} kernels of ${f.layer}, ${f.size}x${f.size} pixels each. A trained network ` +
        'shows edges and blobs of colour here; noise means that it has learned little so far.'),
    make('img', {class: 'filters', src: f.src, alt: `kernels of ${f.layer}`})];
}

function datasetSection(run) {
  const max = Math.max(...run.train_counts, ...run.validation_counts, 1);
  const bars = (n) => [bar(n / max), ` ${count(n)}`];
  const rows = run.classes.map((name, i) =>
      ({name, train: run.train_counts[i], validation: run.validation_counts[i], samples: run.samples?.[i] ?? []}));
  const validated = sum(run.validation_counts) > 0;
  const columns = [
    {name: 'class', value: (r) => r.name, show: (r) => r.name},
    {name: 'training', number: true, value: (r) => r.train, show: (r) => bars(r.train)},
    {name: 'validation', number: true, value: (r) => r.validation, show: (r) => bars(r.validation)},
    {name: 'such as', value: (r) => r.name, show: (r) => make('div', {class: 'samples'}, r.samples.map((n) =>
        run.images[n].src ? make('img', {src: run.images[n].src, alt: '', decoding: 'async', title: run.images[n].file}) : null))},
  ].filter((c) => (c.name !== 'validation' || validated) && (c.name !== 'such as' || rows.some((r) => r.samples.length)));
  return [
    make('p', null, `${plural(sum(run.train_counts), 'training image')}, ` +
        `${plural(sum(run.validation_counts), 'validation image')}, ${plural(run.classes.length, 'class', 'classes')}.`),
    sortable(columns, rows, 0),
    make('h3', null, `Images that could not be read: ${run.left_out.length}`),
    run.left_out.length === 0 ? null : make('div', {class: 'scroll'}, make('table', null,
        make('tbody', null, run.left_out.slice(0, 500).map((p) => make('tr', null,
            make('td', null, p.set), make('td', {class: 'long'}, p.file), make('td', {class: 'long'}, p.reason))))))];
}

function settingsSection(run) {
  return [
    make('p', {class: 'faint'}, 'Settings that were chosen or measured are marked.'),
    make('div', {class: 'scroll'}, make('table', null, make('tbody', null, run.settings.map((s) =>
        make('tr', {class: s.changed ? 'changed' : null, title: s.help},
            make('td', null, s.name), make('td', {class: 'long'}, s.value === '' ? '–' : s.value))))))];
}

function repeatSection(run) {
  const quoted = (path) => /^[\w./+,:=@%-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
  return [
    make('h3', null, 'Do it again'),
    make('pre', null, `alexnet train --config ${quoted(run.path + '/config.json')} --out NEW_RUN\nalexnet report NEW_RUN`),
    make('p', {class: 'faint'}, 'On the same kind of machine with the same number of threads, the same settings give ' +
        'the same weights: every random draw follows from the seed.'),
    make('h3', null, 'What it was trained on'),
    run.environment.length === 0 ? make('p', null, 'The run folder does not say.')
        : make('div', {class: 'scroll'}, make('table', null, make('tbody', null, run.environment.map(([key, value]) =>
              make('tr', null, make('td', null, key), make('td', {class: 'long'}, value)))))),
    make('p', {class: 'faint'}, `Network: ${run.network}, ${run.input} input, ${count(run.weights)} weights. ` +
        Object.entries(run.provenance).map(([key, value]) => `${key}: ${value}`).join(', '))];
}

const kSections = [
  ['verdict', 'Verdict', verdictSection],
  ['curves', 'Learning curves', curvesSection],
  ['confusion', 'Confusions', confusionSection],
  ['classes', 'Classes', classesSection],
  ['calibration', 'Calibration', calibrationSection],
  ['mistakes', 'Mistakes', mistakesSection],
  ['suspicious', 'Labels that look wrong', suspiciousSection],
  ['duplicates', 'In both sets', duplicatesSection],
  ['filters', 'Filters', filtersSection],
  ['dataset', 'Images', datasetSection],
  ['settings', 'Settings', settingsSection],
  ['repeat', 'Repeat it', repeatSection],
];

function runPage(run, number) {
  const parts = kSections.map(([id, title, content]) => [`${id}-${number}`, title, content(run)])
                    .filter(([, , content]) => content !== null);
  return make('div', {class: 'run'},
      report.runs.length > 1 ? make('h2', {class: 'name'}, run.name) : null,
      make('nav', {'aria-label': 'sections'}, parts.map(([id, title]) => make('a', {href: `#${id}`}, title))),
      parts.map(([id, title, content]) => make('section', {id}, make('h2', null, title), content)));
}

// ---- Several runs

function comparison(runs) {
  const rows = [
    ['top-1', (r) => r.test ? `${percent(r.test.top1)} (${percent(r.test.low)} – ${percent(r.test.high)})` : '–'],
    ['top-5', (r) => r.test ? percent(r.test.top5) : '–'],
    ['loss', (r) => r.test ? fixed(r.test.loss) : '–'],
    ['calibration error', (r) => r.test ? percent(r.test.calibration_error) : '–'],
    ['top-1 on training images', (r) => r.training ? percent(r.training.top1) : '–'],
    ['validation images', (r) => r.test ? count(r.test.images) : '–'],
    ['training images', (r) => count(sum(r.train_counts))],
    ['epochs', (r) => String(r.epochs.length)],
    ['time', (r) => duration(sum(r.epochs.map((e) => e.seconds ?? 0)))],
    ['weights', (r) => count(r.weights)],
  ];
  for (const [i, setting] of runs[0].settings.entries())
    if (setting.name !== 'out' && runs.some((r) => r.settings[i].value !== setting.value))
      rows.push([setting.name, (r) => r.settings[i].value === '' ? '–' : r.settings[i].value]);
  const overlay = (key) => runs.map((r, i) => ({name: r.name, colour: kColours[i % kColours.length],
                                               dashed: i >= kColours.length, values: curve(r, key)}));
  return make('section', {id: 'comparison'}, make('h2', null, `${runs.length} runs side by side`),
      report.comparison ? make('p', null, report.comparison) : null,
      make('div', {class: 'scroll'}, make('table', null,
          make('thead', null, make('tr', null, make('th'), runs.map((r) => make('th', null, r.name)))),
          make('tbody', null, rows.map(([name, show]) => make('tr', null, make('td', null, name),
              runs.map((r) => make('td', null, show(r)))))))),
      make('div', {class: 'pair'},
          lineChart('Validation top-1 by epoch', overlay('val_top1'), fractionText, [0, 1]),
          lineChart('Validation loss by epoch', overlay('val_loss'), lossText)));
}

function tabs(pages, runs) {
  const buttons = runs.map((run, i) => make('button', {type: 'button', role: 'tab', onclick() { choose(i); }}, run.name));
  function choose(chosen) {
    pages.forEach((page, i) => page.toggleAttribute('hidden', i !== chosen));
    buttons.forEach((button, i) => button.setAttribute('aria-selected', String(i === chosen)));
  }
  choose(0);
  return make('div', {class: 'tabs', role: 'tablist'}, buttons);
}

// ---- The page

document.getElementById('title').textContent = report.runs.map((run) => run.name).join(', ');
document.title = `AlexNet: ${report.runs.map((run) => run.name).join(', ')}`;
document.getElementById('footer').textContent = `Written ${report.written} by ${report.program}.`;
document.getElementById('theme').addEventListener('click', () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
});
const pages = report.runs.map(runPage);
document.getElementById('report').append(
    ...(pages.length > 1 ? [comparison(report.runs), tabs(pages, report.runs)] : []), ...pages);
