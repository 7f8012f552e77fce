// Questions about an incident. The answer is a stream of server-sent events over fetch, since
// EventSource cannot post. All of it is untrusted: it becomes text, never markup.

const SUGGESTIONS = [
  'Why did it happen?', 'Since when?', 'What is the evidence?', 'What else could it be?',
  'How sure are you?', 'What was tried?', 'Did it help?', 'What is forecast?',
  'What if we cut after layer 3?', 'What should I check?',
];

const byId = (id) => document.getElementById(id);

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function button(className, text, act) {
  const made = element('button', className, text);
  made.type = 'button';
  made.addEventListener('click', act);
  return made;
}

/** Calls `on(name, data)` for each event of the stream, as it comes. */
async function readEvents(body, on) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const events = (rest + value).split('\n\n');
    rest = events.pop();
    for (const event of events) {
      const name = /^event: (.*)$/m.exec(event)?.[1];
      const data = /^data: (.*)$/m.exec(event)?.[1];
      if (name && data) on(name, JSON.parse(data));
    }
  }
}

/**
 * Fills the panel.
 *
 * @param cite called with incident, evidence id and series when somebody follows a citation
 */
export function startChat({ cite }) {
  const log = byId('chat-log');
  const form = byId('chat-form');
  const input = byId('chat-question');
  let incident = null;
  let conversation = null;
  let asking = null;

  function setBusy(busy) {
    input.disabled = busy;
    for (const one of form.parentElement.querySelectorAll('button[type=submit], .suggestion')) one.disabled = busy;
  }

  function answerLine() {
    const said = element('p', 'said', '');
    const looked = element('p', 'muted looked', '');
    log.append(said, looked);
    const series = new Map();
    return {
      on(name, data) {
        if (name === 'token') {
          said.append(data.text);
        } else if (name === 'citation') {
          series.set(data.evidence, data.series);
        } else if (name === 'tool-call') {
          looked.textContent += `${looked.textContent ? ' · ' : 'looked up: '}${data.name} ${Object.values(data.arguments).join(' ')}`;
        } else if (name === 'end') {
          conversation = data.conversation;
          if (data.status === 'failed') said.append(' … the answer was broken off, the log says why.');
        }
        log.scrollTop = log.scrollHeight;
      },
      /** Once all is said: citations become buttons. */
      link(about) {
        const text = said.textContent;
        said.replaceChildren();
        for (const part of text.split(/(\[E\d+\])/)) {
          const id = part.slice(1, -1);
          said.append(/^\[E\d+\]$/.test(part) && series.has(id)
            ? button('cite', id, () => cite(about, id, series.get(id))) : part);
        }
      },
      fail(text) {
        said.classList.add('failed');
        said.append(`${said.textContent ? ' … ' : ''}${text}`);
      },
    };
  }

  async function ask(question) {
    if (!incident || asking || !question.trim()) return;
    const about = incident;
    asking = new AbortController();
    setBusy(true);
    log.append(element('p', 'asked', question));
    const line = answerLine();
    try {
      const response = await fetch(`/api/incidents/${encodeURIComponent(about)}/chat`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream' },
        body: JSON.stringify(conversation ? { conversation, question } : { question }),
        signal: asking.signal,
      });
      if (response.ok) {
        await readEvents(response.body, line.on);
        line.link(about);
      } else {
        if (response.status === 404) conversation = null;
        line.fail((await response.json()).error);
      }
    } catch (problem) {
      if (problem.name !== 'AbortError') line.fail('the service cannot be reached');
    }
    asking = null;
    setBusy(false);
    log.scrollTop = log.scrollHeight;
  }

  byId('chat-suggestions').replaceChildren(
    ...SUGGESTIONS.map((text) => button('suggestion', text, () => ask(text))));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    ask(input.value);
    input.value = '';
  });
  byId('chat').hidden = true;

  return {
    /** Talks about this incident from now on; another one begins a new conversation. */
    about(id) {
      if (id === incident) return;
      asking?.abort();
      incident = id;
      conversation = null;
      byId('chat-about').textContent = id;
      log.replaceChildren();
      byId('chat').hidden = false;
    },
    hasIncident: () => incident !== null,
    focus() {
      byId('chat').scrollIntoView({ block: 'center' });
      input.focus();
    },
  };
}
