// The console: one state, changed by server-sent events, drawn with Chart.js and plain elements.
// Everything that comes over the wire is untrusted: it becomes text, never markup.

import { startChat } from '/chat.js';

const WINDOW_MS = 120_000;
const LEAST_WINDOW_MS = 40_000;
const KEEP_MS = 600_000;
const AHEAD_MS = 15_000;

const byId = (id) => document.getElementById(id);
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const dark = matchMedia('(prefers-color-scheme: dark)');
const PHASES = {
  WAITING: 'waiting', HEALTHY: 'healthy', AT_RISK: 'breach ahead', BREACHED: 'breached',
  MOVING: 'moving layers', VERIFYING: 'verifying',
};

const model = {
  state: null, latest: {}, forecast: null, incidents: [], actions: [],
  series: new Map(), moved: new Set(), layerHome: null, citedSeries: null,
};

// --- text

const fixed = (value, digits) => (Number.isFinite(value) ? value.toFixed(digits) : '–');
const millis = (seconds) => (Number.isFinite(seconds) ? `${fixed(seconds * 1e3, seconds < 0.01 ? 1 : 0)} ms` : '–');
const percent = (share) => `${fixed(share * 100, 0)} %`;
const clock = (at) => new Date(at).toLocaleTimeString([], { hour12: false });

function quantity(value, unit) {
  if (!Number.isFinite(value)) return '–';
  if (unit === 's') return millis(value);
  if (unit === 'bytes/s') return `${fixed(value / 1e6, 2)} MB/s`;
  if (unit === 'bytes') return `${fixed(value / 1e6, 1)} MB`;
  return `${fixed(value, 2)}${unit === '1' || unit === 'ratio' ? '' : ` ${unit}`}`;
}

function element(tag, options = {}, ...children) {
  const made = document.createElement(tag);
  if (options.class) made.className = options.class;
  if (options.text !== undefined) made.textContent = options.text;
  if (options.title) made.title = options.title;
  made.append(...children);
  return made;
}

// --- series

const seriesOf = (key) => {
  if (!model.series.has(key)) model.series.set(key, []);
  return model.series.get(key);
};

function addPoint(key, x, y) {
  const points = seriesOf(key);
  if (points.length && points[points.length - 1].x >= x) return;
  points.push({ x, y });
  while (points.length && points[0].x < x - KEEP_MS) points.shift();
}

async function getJson(path) {
  const response = await fetch(path, { headers: { Accept: 'application/json' } });
  return response.ok ? response.json() : null;
}

async function loadSeries(key) {
  const slash = key.lastIndexOf('/');
  const query = new URLSearchParams({
    component: key.slice(0, slash), metric: key.slice(slash + 1), last: '1200',
    job: model.state.job,
  });
  const past = await getJson(`/api/series?${query}`);
  if (past) model.series.set(key, past.at.map((x, i) => ({ x, y: past.values[i] })));
}

// --- charts

const markers = {
  id: 'markers',
  afterDatasetsDraw(chart, _, options) {
    const { ctx, chartArea: area, scales: { x } } = chart;
    if (!area) return;
    ctx.save();
    ctx.font = '11px system-ui, sans-serif';
    ctx.textBaseline = 'top';
    let lastLabel = [-1e9, 0];
    for (const mark of options.marks?.() ?? []) {
      const at = x.getPixelForValue(mark.at);
      if (at < area.left || at > area.right) continue;
      ctx.strokeStyle = mark.color;
      ctx.fillStyle = mark.color;
      ctx.lineWidth = 1.5;
      ctx.setLineDash(mark.dashed ? [3, 3] : []);
      ctx.beginPath();
      ctx.moveTo(at, area.top);
      ctx.lineTo(at, area.bottom);
      ctx.stroke();
      if (!options.labels) continue;
      const row = at - lastLabel[0] < 96 ? lastLabel[1] + 1 : 0;
      lastLabel = [at, row];
      const left = at + 4 + ctx.measureText(mark.label).width > area.right;
      ctx.textAlign = left ? 'right' : 'left';
      ctx.fillText(mark.label, at + (left ? -4 : 4), area.top + 2 + row * 14);
    }
    ctx.restore();
  },
};

function timeAxis(ahead) {
  return {
    type: 'linear',
    min: Date.now() - WINDOW_MS,
    max: Date.now() + ahead,
    ticks: {
      color: css('--muted'), maxRotation: 0, autoSkip: true, maxTicksLimit: 7,
      callback: (value) => clock(value),
    },
    afterBuildTicks: (axis) => {
      const room = Math.max(2, Math.floor(axis.width / 84));
      const step = [5, 10, 20, 30, 60].map((s) => s * 1e3).find((s) => (axis.max - axis.min) / s <= room) ?? 120_000;
      axis.ticks = [];
      for (let t = Math.ceil(axis.min / step) * step; t <= axis.max; t += step) axis.ticks.push({ value: t });
    },
    grid: { color: css('--line') },
    border: { display: false },
  };
}

function makeChart(id, datasets, { ahead = 0, unit, scale = 1, legend = false, marks }) {
  return new Chart(byId(id), {
    type: 'line',
    data: { datasets },
    plugins: [markers],
    options: {
      animation: false,
      maintainAspectRatio: false,
      parsing: false,
      normalized: true,
      interaction: { mode: 'nearest', axis: 'x', intersect: false },
      elements: { point: { radius: 0, hitRadius: 6 }, line: { borderWidth: 2 } },
      scales: {
        x: timeAxis(ahead),
        y: {
          beginAtZero: true,
          ticks: { color: css('--muted'), maxTicksLimit: 6, callback: (v) => `${+(v * scale).toFixed(2)}${unit ? ` ${unit}` : ''}` },
          grid: { color: css('--line') },
          border: { display: false },
        },
      },
      plugins: {
        markers: { marks, labels: ahead > 0 },
        legend: {
          display: legend, position: 'bottom',
          labels: { color: css('--muted'), boxWidth: 14, boxHeight: 2, font: { size: 12 } },
        },
        tooltip: {
          filter: (item) => !item.dataset.quiet,
          callbacks: {
            title: (items) => (items.length ? clock(items[0].parsed.x) : ''),
            label: (item) => `${item.dataset.label}: ${+(item.parsed.y * scale).toFixed(scale === 1 ? 3 : 2)}${unit ? ` ${unit}` : ''}`,
          },
        },
      },
    },
  });
}

function translucent(color, alpha) {
  return color.startsWith('#') ? color + Math.round(alpha * 255).toString(16).padStart(2, '0') : color;
}

let charts = null;

function buildCharts() {
  charts?.forEach((chart) => chart.destroy());
  const forecast = css('--forecast');
  const step = makeChart('step-chart', [
    { label: 'measured', borderColor: css('--accent'), data: [] },
    { label: 'forecast 90 %', borderColor: 'transparent', data: [], quiet: true, fill: '+1', backgroundColor: translucent(forecast, 0.2) },
    { label: 'forecast 10 %', borderColor: 'transparent', data: [], quiet: true },
    { label: 'forecast', borderColor: forecast, borderDash: [5, 4], data: [] },
    { label: 'objective', borderColor: css('--bad'), borderWidth: 1.5, data: [] },
  ], { ahead: AHEAD_MS, unit: 'ms', scale: 1e3, marks: eventMarks });
  const links = makeChart('link-chart', [], { scale: 1e-6, legend: true, marks: eventMarks });
  const loss = makeChart('loss-chart', [{ label: 'loss', borderColor: css('--accent'), data: [] }], { marks: eventMarks });
  charts = [step, links, loss];
}

function eventMarks() {
  const marks = [];
  for (const incident of model.incidents) {
    marks.push({ at: incident.openedAt, label: 'incident', color: css('--warn') });
    if (incident.resolvedAt) marks.push({ at: incident.resolvedAt, label: 'resolved', color: css('--good'), dashed: true });
  }
  for (const action of model.actions) {
    if (action.kind === 'move-layers' && action.executedAt) {
      marks.push({ at: action.executedAt, label: 'layers moved', color: css('--busy') });
    }
  }
  return marks.sort((a, b) => a.at - b.at);
}

const objective = () => model.state?.objectives.find((o) => o.metric === 'STEP_SECONDS');

function drawCharts() {
  if (!charts || !model.state) return;
  const [step, links, loss] = charts;
  const now = Math.max(model.state.at, 1);
  const since = seriesOf('job/STEP_SECONDS')[0]?.x ?? now;
  const span = Math.min(WINDOW_MS, Math.max(LEAST_WINDOW_MS, now - since));
  for (const chart of charts) {
    const ahead = chart === step ? AHEAD_MS : 0;
    chart.options.scales.x.min = now - span;
    chart.options.scales.x.max = now + ahead;
  }
  const fan = model.forecast;
  const line = (values) => (fan ? fan.at.map((x, i) => ({ x, y: values[i] })) : []);
  const bound = objective()?.bound;
  const data = [
    seriesOf('job/STEP_SECONDS'), line(fan?.q90), line(fan?.q10), line(fan?.q50),
    bound ? [{ x: now - span, y: bound }, { x: now + AHEAD_MS, y: bound }] : [],
  ];
  step.data.datasets.forEach((dataset, i) => { dataset.data = data[i]; });
  if (bound) step.options.scales.y.suggestedMax = bound * 1.25;

  const colors = ['--accent', '--forecast', '--busy', '--good', '--warn', '--muted'];
  links.data.datasets = (model.state.links ?? []).map((link, i) => ({
    label: link.id.replace('->', ' → '),
    borderColor: css(colors[i % colors.length]),
    borderWidth: model.citedSeries === `${link.id}/LINK_RATE` ? 5 : link.id === model.state.faulty ? 3 : 1.5,
    data: seriesOf(`${link.id}/LINK_RATE`),
  }));
  loss.data.datasets[0].data = seriesOf('job/LOSS');
  charts.forEach((chart) => chart.update('none'));
}

// --- elements

function drawHeader() {
  const { state, latest } = model;
  byId('job').textContent = state ? `${state.job} · ${state.model}` : 'waiting for a job';
  const phase = byId('phase');
  phase.dataset.phase = state?.phase ?? 'WAITING';
  phase.textContent = PHASES[phase.dataset.phase] ?? phase.dataset.phase;
  byId('step-time').textContent = millis(latest['job/STEP_SECONDS']);
  byId('steps-per-second').textContent = fixed(latest['job/STEPS_PER_SECOND'], 1);
  byId('loss').textContent = fixed(latest['job/LOSS'], 3);
  byId('steps').textContent = state ? state.steps.toLocaleString() : '–';
}

function drawTopology() {
  const { state, latest } = model;
  if (!state?.nodes.length) return;
  byId('epoch').textContent = `epoch ${state.epoch} · ${state.placement}`;
  const parts = [];
  state.nodes.forEach((node, i) => {
    if (i > 0) parts.push(between(state.nodes[i - 1].id, node.id));
    const slowdown = latest[`${node.id}/SLOWDOWN`];
    const facts = [`speed ${fixed(node.speed, 1)}`];
    if (Number.isFinite(slowdown)) facts.push(`slowdown ${fixed(slowdown, 2)}×`);
    if (node.dataOwner) facts.push('holds the data');
    if (node.labels) facts.push('holds labels');
    const layers = element('ul', { class: 'layers' }, ...node.layers.map((layer) => {
      const chip = element('li', { text: layer.name, title: `layer ${layer.index}` });
      if (model.moved.has(layer.index)) chip.classList.add('moved');
      return chip;
    }));
    const card = element('article', { class: 'node' },
      element('h3', { text: node.id }),
      element('p', { class: 'facts muted', text: facts.join(' · ') }),
      node.layers.length ? layers : element('p', { class: 'muted', text: 'relays, holds no layers' }));
    if (state.faulty === node.id) card.classList.add('faulty');
    if (node.silent) {
      card.classList.add('silent');
      card.firstChild.append(element('span', { class: 'tag bad', text: 'silent' }));
    }
    parts.push(card);
  });
  byId('topology').replaceChildren(...parts);
}

function between(left, right) {
  const wires = model.state.links
    .filter((l) => (l.from === left && l.to === right) || (l.from === right && l.to === left))
    .map((link) => {
      const rate = model.latest[`${link.id}/LINK_RATE`] ?? link.rate;
      const delay = model.latest[`${link.id}/LINK_DELAY_SECONDS`] ?? link.delay;
      const down = link.from === left;
      const wire = element('div', { class: 'wire', title: link.id },
        element('strong', { text: `${down ? '→' : '←'} ${fixed(rate / 1e6, 2)} MB/s` }),
        element('div', { text: `${millis(delay)} delay` }));
      if (link.id === model.state.faulty) wire.classList.add('faulty');
      return wire;
    });
  return element('div', { class: 'between' }, ...wires);
}

function explained(text, cite) {
  const paragraph = element('p');
  for (const part of text.split(/(\[E\d+\])/)) {
    if (/^\[E\d+\]$/.test(part)) {
      const button = element('button', { class: 'cite', text: part.slice(1, -1) });
      button.type = 'button';
      button.addEventListener('click', () => cite(part.slice(1, -1)));
      paragraph.append(button);
    } else {
      paragraph.append(part);
    }
  }
  return paragraph;
}

const opened = new Set();
let citing = null;

const PLOTS = [
  [/^job\/STEP_SECONDS$/, 'step-chart'], [/\/LINK_RATE$/, 'link-chart'], [/^job\/LOSS$/, 'loss-chart'],
];

/** Scrolls to the plot of a series and marks it; false when the page has none. */
function showPlot(series) {
  document.querySelector('.cited-plot')?.classList.remove('cited-plot');
  const plot = PLOTS.find(([pattern]) => pattern.test(series))?.[1];
  model.citedSeries = plot ? series : null;
  drawCharts();
  if (!plot) return false;
  const card = byId(plot).closest('.card');
  card.classList.add('cited-plot');
  card.scrollIntoView({ block: 'center' });
  return true;
}

function showLinkedPlot() {
  const series = new URLSearchParams(location.hash.slice(1)).get('plot');
  if (series) showPlot(series);
}

function citeFact(incident, fact) {
  citing = `${incident}/${fact}`;
  opened.add(incident);
  drawIncidents();
}

const chat = startChat({
  cite(incident, fact, series) {
    citeFact(incident, fact);
    if (!showPlot(series)) document.querySelector('tr.cited')?.scrollIntoView({ block: 'center' });
  },
});

function evidenceTable(incident, diagnosis) {
  const head = element('tr', {},
    element('th', { text: '' }), element('th', { text: 'fact' }),
    element('th', { class: 'number', text: 'healthy' }), element('th', { class: 'number', text: 'now' }),
    element('th', { class: 'number', text: 'score' }));
  const rows = diagnosis.evidence.map((fact) => {
    const row = element('tr', {},
      element('td', { text: fact.id }),
      element('td', { text: fact.statement, title: `${fact.component} ${fact.metric}` }),
      element('td', { class: 'number', text: quantity(fact.healthy, fact.unit) }),
      element('td', { class: 'number', text: quantity(fact.current, fact.unit) }),
      element('td', { class: 'number', text: fixed(fact.score, 1) }));
    if (citing === `${incident.id}/${fact.id}`) row.className = 'cited';
    return row;
  });
  const details = element('details', {},
    element('summary', { text: `${diagnosis.evidence.length} facts · reasoner: ${diagnosis.reasoner}` }),
    element('div', { class: 'scroll' }, element('table', {}, element('thead', {}, head), element('tbody', {}, ...rows))));
  details.open = opened.has(incident.id);
  details.addEventListener('toggle', () => (details.open ? opened.add(incident.id) : opened.delete(incident.id)));
  return details;
}

/** What a language model would do, and what would show that the cause is another one. */
function advice(reasoning) {
  const items = reasoning.recommendations.map((one) => element('li', {
    text: one.kind === 'notify-operator' ? one.detail : `${one.kind} ${one.detail}: ${one.reason}`,
  }));
  return element('div', { class: 'advice' },
    element('p', { class: 'muted', text: `suggested by ${reasoning.model}` }),
    items.length ? element('ul', {}, ...items) : '',
    element('p', { class: 'muted', text: `it is another cause if: ${reasoning.disproof}` }));
}

/** When the median forecast crosses the bound, and the middle 80 per cent around it. */
function breachTime(risk) {
  const expected = risk.expectedAt ? `breach expected at ${clock(risk.expectedAt)}` : 'may be breached';
  if (!risk.earliestAt || risk.earliestAt === risk.latestAt) return expected;
  const latest = risk.latestAt ? clock(risk.latestAt) : 'later than the horizon';
  return `${expected} (${clock(risk.earliestAt)} to ${latest})`;
}

function incidentItem(incident) {
  const diagnosis = incident.diagnoses[incident.diagnoses.length - 1];
  const top = diagnosis?.ranked[0];
  const status = incident.resolvedAt ? ['good', 'resolved']
    : incident.risks.some((risk) => risk.breached) ? ['bad', 'breached'] : ['warn', 'open'];
  const title = top ? `${top.cause} on ${top.component.replace('->', ' → ')}` : 'cause not known yet';
  const item = element('article', { class: 'item' },
    element('div', { class: 'row' },
      element('span', { class: `tag ${status[0]}`, text: status[1] }),
      element('strong', { text: title }),
      top ? element('span', { class: 'muted', text: percent(top.probability) }) : '',
      element('span', { class: 'muted when', text: clock(incident.openedAt) })));
  for (const one of incident.resolvedAt ? [] : incident.risks) {
    const when = one.breached ? 'is breached' : breachTime(one);
    item.append(element('p', { class: 'muted', text: `${one.objective}: ${when}, probability ${percent(one.probability)}` }));
  }
  if (incident.kind?.source) {
    const { name, probability, source } = incident.kind;
    item.append(element('p', { class: 'muted', text: `kind: ${name}, ${percent(probability)} (${source})` }));
  }
  if (incident.silent.length) item.append(element('p', { class: 'muted', text: `silent: ${incident.silent.join(', ')}` }));
  if (diagnosis) {
    item.append(explained(diagnosis.explanation, (fact) => citeFact(incident.id, fact)));
    if (diagnosis.reasoning) item.append(advice(diagnosis.reasoning));
    if (diagnosis.evidence.length) item.append(evidenceTable(incident, diagnosis));
  }
  const ask = element('button', { class: 'ask-about', text: 'Ask about it' });
  ask.type = 'button';
  ask.addEventListener('click', () => {
    chat.about(incident.id);
    chat.focus();
  });
  item.append(ask);
  return item;
}

function drawIncidents() {
  if (!model.incidents.length) return;
  if (!chat.hasIncident()) chat.about(model.incidents[0].id);
  byId('incidents').replaceChildren(...model.incidents.slice(0, 20).map(incidentItem));
}

const RESULTS = {
  HELPED: ['good', 'helped'], UNDONE: ['warn', 'undone'], KEPT: ['warn', 'kept'],
  FAILED: ['bad', 'failed'], NOTIFIED: ['busy', 'operator told'],
};
const STATES = {
  INTENDED: ['busy', 'moving'], EXECUTED: ['busy', 'verifying'], UNDOING: ['warn', 'undoing'],
  FAILED: ['bad', 'failed'], CLOSED: ['good', 'done'],
};

function effect(label, value) {
  return element('div', {}, element('span', { text: `${label} ` }), value);
}

function actionItem(action) {
  const [tone, word] = RESULTS[action.result] ?? STATES[action.state] ?? ['', action.state];
  const effects = element('div', { class: 'effect' });
  if (action.pauseMillis !== null) effects.append(effect('pause', `${action.pauseMillis} ms`));
  if (action.kind === 'move-layers') {
    effects.append(effect('predicted', `${millis(action.predictedBefore)} → ${millis(action.predictedAfter)}`));
    if (Number.isFinite(action.stepSecondsAfter)) {
      effects.append(effect('measured', `${millis(action.stepSecondsBefore)} → ${millis(action.stepSecondsAfter)}`));
    }
  }
  return element('article', { class: 'item' },
    element('div', { class: 'row' },
      element('span', { class: `tag ${tone}`, text: word }),
      element('strong', { text: action.kind.replace('-', ' ') }),
      element('span', { class: 'muted when', text: clock(action.plannedAt) })),
    element('p', { text: action.detail }),
    element('p', { class: 'muted', text: action.reason }),
    action.proposer === 'LANGUAGE_MODEL' ? element('p', { class: 'muted', text: 'proposed by the language model' }) : '',
    effects,
    action.remark ? element('p', { class: 'muted', text: action.remark }) : '');
}

function drawActions() {
  if (!model.actions.length) return;
  byId('actions').replaceChildren(...model.actions.slice(0, 20).map(actionItem));
}

function drawAll() {
  drawHeader();
  drawTopology();
  drawIncidents();
  drawActions();
  drawCharts();
}

// --- events

function rememberMoves(state) {
  const home = new Map(state.nodes.flatMap((node) => node.layers.map((l) => [l.index, node.id])));
  if (model.layerHome && state.epoch !== model.state?.epoch) {
    model.moved = new Set([...home].filter(([layer, node]) => model.layerHome.get(layer) !== node).map(([layer]) => layer));
  }
  model.layerHome = home;
}

function upsert(list, item) {
  const at = list.findIndex((known) => known.id === item.id);
  if (at < 0) list.unshift(item);
  else list[at] = item;
}

async function refreshState() {
  const state = await getJson('/api/state');
  if (state) applyState(state);
  drawAll();
}

function applyState(state) {
  rememberMoves(state);
  model.state = state;
  model.latest = state.latest;
  const fan = state.forecasts.find((f) => f.component === 'job' && f.metric === 'STEP_SECONDS');
  if (fan) model.forecast = fan;
}

async function load(state) {
  applyState(state);
  const keys = ['job/STEP_SECONDS', 'job/LOSS', ...state.links.map((l) => `${l.id}/LINK_RATE`)];
  const [incidents, actions] = await Promise.all([
    getJson('/api/incidents'), getJson('/api/actions'), ...keys.map(loadSeries),
  ]);
  model.incidents = incidents ?? [];
  model.actions = actions ?? [];
  drawAll();
}

function onTick(tick) {
  if (!model.state || tick.job !== model.state.job) return;
  Object.assign(model.state, { at: tick.at, phase: tick.phase, steps: tick.steps, interval: tick.interval });
  model.state.nodes.forEach((node) => { node.silent = tick.silent.includes(node.id); });
  Object.assign(model.latest, tick.values);
  for (const [key, value] of Object.entries(tick.values)) {
    if (/^job\/(STEP_SECONDS|LOSS)$|\/LINK_RATE$/.test(key)) addPoint(key, tick.at, value);
  }
  drawHeader();
  drawTopology();
  drawCharts();
}

function listen() {
  const source = new EventSource('/api/events');
  const live = byId('live');
  const on = (name, handle) => source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
  source.onopen = () => { live.dataset.live = 'yes'; live.textContent = 'live'; };
  source.onerror = () => { live.dataset.live = 'no'; live.textContent = 'offline, trying again'; };
  on('state', (state) => {
    if (model.state && model.state.job !== state.job) return undefined;
    return load(state);
  });
  on('tick', (tick) => (model.state ? onTick(tick) : refreshState()));
  on('forecast', (fan) => {
    if (fan.job === model.state?.job && fan.metric === 'STEP_SECONDS') model.forecast = fan;
  });
  on('incident', (incident) => {
    upsert(model.incidents, incident);
    drawIncidents();
    refreshState();
  });
  on('diagnosis', async (diagnosis) => {
    const incident = await getJson(`/api/incidents/${encodeURIComponent(diagnosis.incident)}`);
    if (incident) upsert(model.incidents, incident);
    drawIncidents();
    refreshState();
  });
  on('action', (action) => {
    upsert(model.actions, action);
    drawActions();
    drawCharts();
  });
}

buildCharts();
addEventListener('hashchange', showLinkedPlot);
showLinkedPlot();
dark.addEventListener('change', () => { buildCharts(); drawAll(); });
listen();
