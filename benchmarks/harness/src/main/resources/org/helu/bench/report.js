'use strict';
// Draws the charts of a `helu bench` report from the JSON in the page. `data-charts` of the body tells how many
// were drawn, `data-error` what went wrong: tests look at both.
window.addEventListener('error', (event) => { document.body.dataset.error = event.message; });

const data = JSON.parse(document.getElementById('data').textContent);
const all = data.rows.concat(data.baselines);
const PALETTE = ['#2563a8', '#d9822b', '#3d8f5f', '#a3448f', '#8a6d3b', '#4aa3b5', '#b23b3b', '#6b6fc9'];
const INK = '#1c2430';
let charts = 0;

Chart.defaults.animation = false;
Chart.defaults.maintainAspectRatio = false;
Chart.defaults.color = INK;
Chart.defaults.font.family = 'system-ui, "DejaVu Sans", sans-serif';

function time(nanos) {
  const units = ['ns', 'us', 'ms', 's'];
  let value = nanos;
  let unit = 0;
  while (value >= 999.5 && unit < 3) { value /= 1000; unit += 1; }
  return number(value) + ' ' + units[unit];
}

function number(value) {
  if (value === null || value === undefined || !isFinite(value)) return '-';
  const size = Math.abs(value);
  return value.toFixed(size >= 99.95 || size === 0 ? 0 : size >= 9.995 ? 1 : 2);
}

function color(index) { return PALETTE[index % PALETTE.length]; }

function unique(values) { return [...new Set(values)]; }

function contender(row) { return row.mode + ' on ' + row.device; }

function heat(row) { return 'batch ' + row.batch + ', ' + row.threads + (row.threads === 1 ? ' thread' : ' threads'); }

function label(row) { return row.model + ' ' + row.mode + ' on ' + row.device + ', ' + heat(row); }

function text(parent, tag, content, className) {
  const element = document.createElement(tag);
  element.textContent = content;
  if (className) element.className = className;
  parent.appendChild(element);
  return element;
}

function absent(id, why) {
  const box = document.querySelector('#' + id + ' .chart');
  box.style.height = 'auto';
  box.replaceChildren();
  text(box, 'p', why, 'absent');
}

function draw(id, config, bars) {
  const box = document.querySelector('#' + id + ' .chart');
  if (bars) box.style.height = Math.max(140, 90 + 22 * bars) + 'px';
  const canvas = box.querySelector('canvas');
  const old = Chart.getChart(canvas);
  if (old) { old.destroy(); } else { charts += 1; }
  return new Chart(canvas, config);
}

// Labels at powers of ten only: a logarithmic scale has too many ticks for more.
function decade(format) {
  return (value) => (Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9 ? format(value) : '');
}

function bars(id, labels, datasets, scale, format) {
  draw(id, {
    type: 'bar',
    data: { labels, datasets },
    options: {
      indexAxis: 'y',
      skipNull: true,
      scales: { x: scale, y: { ticks: { autoSkip: false } } },
      plugins: {
        legend: { display: datasets.length > 1 || datasets[0].label !== '' },
        tooltip: { callbacks: { label: (item) => item.dataset.label + ' ' + format(item.raw) } },
      },
    },
  }, labels.length * Math.max(1, datasets.length));
}

function drawDevices() {
  const chosen = document.getElementById('heat').value;
  const rows = all.filter((row) => heat(row) === chosen);
  const models = unique(rows.map((row) => row.model));
  const datasets = unique(rows.map(contender)).map((name, index) => ({
    label: name,
    backgroundColor: color(index),
    data: models.map((model) => {
      const row = rows.find((r) => r.model === model && contender(r) === name);
      return row ? row.p50Nanos / row.batch : null;
    }),
  }));
  bars('devices', models, datasets, {
    type: 'logarithmic',
    title: { display: true, text: 'median time per sample' },
    ticks: { maxRotation: 0, callback: decade(time) },
  }, time);
}

function drawSpeedups() {
  const rows = data.rows.filter((row) => row.speedupVsOnnxRuntimeFp32 !== null);
  if (rows.length === 0) {
    absent('speedups', 'Not measured: ' + (data.rows[0].speedupVsOnnxRuntimeFp32Reason || 'no competitor') + '.');
    return;
  }
  const heats = unique(rows.map(heat));
  const names = unique(rows.map((row) => row.model + ' ' + contender(row)));
  const datasets = heats.map((name, index) => ({
    label: name,
    backgroundColor: color(index),
    data: names.map((n) => {
      const row = rows.find((r) => heat(r) === name && r.model + ' ' + contender(r) === n);
      return row ? row.speedupVsOnnxRuntimeFp32 : null;
    }),
  }));
  const values = rows.map((row) => row.speedupVsOnnxRuntimeFp32);
  const wide = Math.max(...values) > 20 * Math.min(...values);
  bars('speedups', names, datasets, {
    type: wide ? 'logarithmic' : 'linear',
    beginAtZero: true,
    title: { display: true, text: 'times as fast as ONNX Runtime fp32' },
    grid: { color: (line) => (line.tick.value === 1 ? INK : '#e3e8ee') },
    ticks: { maxRotation: 0, callback: (value) => (wide ? decade((v) => v + 'x')(value) : value + 'x') },
  }, (value) => number(value) + 'x');
}

function drawAccuracies() {
  const known = all.filter((row) => row.accuracy !== null);
  if (known.length === 0) {
    absent('accuracies', 'No accuracy was measured: it takes a sample with labelled test images (--samples).');
    return;
  }
  // One point for each network and runtime: where it answers a single sample soonest.
  const points = unique(known.map((row) => row.model + ' ' + contender(row))).map((name) =>
    known.filter((row) => row.model + ' ' + contender(row) === name)
      .sort((a, b) => a.batch - b.batch || a.threads - b.threads)[0]);
  const datasets = unique(points.map(contender)).map((name, index) => ({
    label: name,
    backgroundColor: color(index),
    borderColor: color(index),
    pointRadius: 6,
    pointStyle: ['circle', 'triangle', 'rectRot', 'rect', 'star'][index % 5],
    data: points.filter((row) => contender(row) === name)
      .map((row) => ({ x: row.p50Nanos / row.batch, y: 100 * row.accuracy, row })),
  }));
  draw('accuracies', {
    type: 'scatter',
    data: { datasets },
    options: {
      scales: {
        x: { type: 'logarithmic', title: { display: true, text: 'median time per sample' }, ticks: { maxRotation: 0, callback: decade(time) } },
        y: { title: { display: true, text: 'accuracy in %' }, grace: '10%' },
      },
      plugins: { tooltip: { callbacks: { label: (item) =>
        label(item.raw.row) + ': ' + time(item.raw.x) + ', ' + number(item.raw.y) + ' %' } } },
    },
    plugins: [pointLabels((point) => point.row.model)],
  });
}

// Names beside the points of a scatter chart; a point whose name would cover another one keeps it for its tooltip.
function pointLabels(name) {
  return {
    id: 'pointLabels',
    afterDatasetsDraw(chart) {
      const ctx = chart.ctx;
      const taken = [];
      ctx.save();
      ctx.font = '11px system-ui, "DejaVu Sans", sans-serif';
      ctx.fillStyle = INK;
      chart.data.datasets.forEach((dataset, d) => chart.getDatasetMeta(d).data.forEach((point, i) => {
        const raw = dataset.data[i];
        const label = dataset.showLine || !chart.isDatasetVisible(d) ? '' : name(raw);
        const width = ctx.measureText(label).width;
        const left = point.x + 9 + width > chart.chartArea.right ? point.x - 9 - width : point.x + 9;
        const box = { left, right: left + width, top: point.y - 7, bottom: point.y + 7 };
        const free = !taken.some((t) => t.left < box.right && box.left < t.right && t.top < box.bottom && box.top < t.bottom);
        if (label && free) {
          taken.push(box);
          ctx.fillText(label, left, point.y + 4);
        }
      }));
      ctx.restore();
    },
  };
}

function drawLayers() {
  const row = data.rows[Number(document.getElementById('row').value)];
  if (!row || row.layers.length === 0) {
    absent('layers', 'Layers were not measured on any device.');
    absent('roofline', 'Layers were not measured on any device.');
    return;
  }
  bars('layers', row.layers.map((layer) => layer.node + ' (' + layer.op + ')'), [{
    label: '',
    backgroundColor: row.layers.map((layer) => kindColor(layer.kind)),
    data: row.layers.map((layer) => layer.nanos),
  }], { title: { display: true, text: 'median time of a run of ' + row.batch }, ticks: { callback: time } }, time);
  drawRoofline(row);
}

const KINDS = [
  { kind: 'float', name: 'float32', peak: 'floatOpsPerSecond', unit: 'fused multiply-add' },
  { kind: 'int8', name: 'int8 weights', peak: null },
  { kind: 'bit', name: 'one-bit weights', peak: 'bitOpsPerSecond', unit: 'XOR and population count' },
];

function kindColor(kind) { return color(KINDS.findIndex((k) => k.kind === kind)); }

function drawRoofline(row) {
  const points = row.layers.filter((layer) => layer.operations > 0 && layer.nanos > 0).map((layer) => ({
    x: layer.operations / layer.bytes, y: layer.operations / layer.nanos, layer }));
  if (points.length === 0) {
    absent('roofline', 'No layer of this network multiplies.');
    return;
  }
  const ceilings = data.ceilings.find((entry) => entry.threads === row.threads);
  const low = Math.min(0.1, ...points.map((p) => p.x)) / 2;
  const high = Math.max(100, ...points.map((p) => p.x)) * 4;
  const datasets = [];
  KINDS.forEach((kind) => {
    const own = points.filter((point) => point.layer.kind === kind.kind);
    if (own.length > 0) {
      datasets.push({ label: 'layers, ' + kind.name, data: own, pointRadius: 5,
        backgroundColor: kindColor(kind.kind), borderColor: kindColor(kind.kind) });
    }
  });
  if (ceilings) {
    KINDS.filter((kind) => kind.peak && points.some((p) => p.layer.kind === kind.kind)).forEach((kind) => {
      [['memory', ceilings.memoryBytesPerSecond, []], ['cache', ceilings.cacheBytesPerSecond, [6, 4]]].forEach((limit) => {
        const bytes = limit[1] / 1e9;
        const peak = ceilings[kind.peak] / 1e9;
        datasets.push({
          label: number(peak) + ' GOP/s ' + kind.unit + ', ' + number(bytes) + ' GB/s ' + limit[0],
          showLine: true, pointRadius: 0, borderWidth: 1.5, borderDash: limit[2],
          borderColor: kindColor(kind.kind), backgroundColor: 'transparent',
          data: [low, peak / bytes, Math.max(high, peak / bytes)].map((x) => ({ x, y: Math.min(peak, bytes * x) })),
        });
      });
    });
  }
  draw('roofline', {
    type: 'scatter',
    data: { datasets },
    options: {
      scales: {
        x: { type: 'logarithmic', min: low, max: high, title: { display: true, text: 'operations per byte moved' }, ticks: { maxRotation: 0, callback: decade(String) } },
        y: { type: 'logarithmic', title: { display: true, text: 'GOP/s (float32: GFLOP/s)' }, ticks: { callback: decade(String) } },
      },
      plugins: { tooltip: { filter: (item) => item.raw.layer, callbacks: { label: (item) =>
        item.raw.layer.node + ': ' + number(item.raw.y) + ' GOP/s at ' + number(item.raw.x) + ' op/B, ' + time(item.raw.layer.nanos) } } },
    },
    plugins: [pointLabels((point) => point.layer.node)],
  });
}

function fillTable() {
  const columns = [
    ['model', (r) => r.model], ['mode', (r) => r.mode], ['device', (r) => r.device],
    ['batch', (r) => r.batch], ['threads', (r) => r.threads],
    ['p50', (r) => time(r.p50Nanos)], ['p90', (r) => time(r.p90Nanos)], ['p99', (r) => time(r.p99Nanos)],
    ['spread', (r) => number(100 * r.spread) + ' %'],
    ['samples/s', (r) => Math.round(r.samplesPerSecond).toLocaleString('en')],
    ['vs ORT fp32', (r) => (r.speedupVsOnnxRuntimeFp32 === null ? '-' : number(r.speedupVsOnnxRuntimeFp32) + 'x')],
    ['vs ORT int8', (r) => (r.speedupVsOnnxRuntimeInt8 === null ? '-' : number(r.speedupVsOnnxRuntimeInt8) + 'x')],
    ['first run', (r) => time(r.firstRunNanos)],
    ['session KiB', (r) => (r.sessionBytes === null ? '-' : number(r.sessionBytes / 1024))],
    ['energy mJ', (r) => (r.joulesPerInference === null ? '-' : number(1e3 * r.joulesPerInference))],
    ['accuracy', (r) => (r.accuracy === null ? '-' : number(100 * r.accuracy) + ' %')],
  ];
  const head = text(document.querySelector('#table thead'), 'tr', '');
  columns.forEach((column, i) => text(head, 'th', column[0], i > 2 ? 'number' : ''));
  all.forEach((row) => {
    const line = text(document.querySelector('#table tbody'), 'tr', '', data.baselines.includes(row) ? 'baseline' : '');
    columns.forEach((column, i) => text(line, 'td', column[1](row), i > 2 ? 'number' : ''));
  });
  const notes = document.getElementById('notes');
  unique(data.baselines.filter((row) => row.note).map((row) => row.model + ' ' + row.mode + ': ' + row.note))
    .forEach((note) => text(notes, 'li', note));
  data.coldStarts.forEach((entry) => text(notes, 'li', 'cold start of ' + entry.model + ' ' + contender(entry)
    + ': first answer after ' + time(entry.nanos) + (entry.peakResidentBytes === null ? ''
      : ', peak memory ' + number(entry.peakResidentBytes / 1048576) + ' MiB')));
  data.skipped.forEach((entry) => text(notes, 'li',
    [entry.model, entry.mode, entry.device].filter(Boolean).join(' ') + ': skipped, ' + entry.reason));
}

function fillEnvironment() {
  const where = data.environment;
  document.getElementById('where').textContent = [where.cpu, where.cores + ' cores',
    where.vectorBits + '-bit vectors', where.date, 'helu ' + where.heluVersion].join(' · ');
  const list = document.querySelector('#environment dl');
  Object.entries(where).forEach(([name, value]) => {
    text(list, 'dt', name);
    const known = value !== null && typeof value === 'object'
      ? Object.entries(value).map(([key, entry]) => key + ': ' + entry).join('; ') : value;
    text(list, 'dd', known === null || known === '' ? 'unknown' : String(known));
  });
}

function option(select, value, content) { text(select, 'option', content).value = value; }

fillEnvironment();
fillTable();
const heats = document.getElementById('heat');
unique(all.map(heat)).forEach((name) => option(heats, name, name));
heats.addEventListener('change', drawDevices);
const rowSelect = document.getElementById('row');
data.rows.forEach((row, index) => { if (row.layers.length > 0) option(rowSelect, index, label(row)); });
rowSelect.addEventListener('change', drawLayers);
drawDevices();
drawSpeedups();
drawAccuracies();
drawLayers();
document.body.dataset.charts = charts;
