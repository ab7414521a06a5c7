// The editor of a rule's text: CodeMirror over the field of the form, which stays what is sent. What the
// server finds wrong, in the panel beside, is marked in the text. Without this file one writes in the
// field itself.

import { autocompletion, closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete'
import { completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { bracketMatching, indentOnInput } from '@codemirror/language'
import { indentUnit, syntaxHighlighting } from '@codemirror/language'
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from '@codemirror/lint'
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search'
import { EditorState, type Extension, type Text } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, keymap } from '@codemirror/view'
import { highlightActiveLineGutter, lineNumbers } from '@codemirror/view'
import { COLOURS, THEME } from './editor-theme.ts'
import { completeFrom } from './editor-words.ts'

/** Puts an editor in the place of a field. */
export function openEditor(field: HTMLTextAreaElement): void {
  const view = new EditorView({
    state: EditorState.create({ doc: field.value, extensions: extensionsFor(field) }),
  })
  field.before(view.dom)
  field.hidden = true
  const label = field.labels[0]
  label?.addEventListener('click', () => view.focus())
  label?.removeAttribute('for')
  saveByKey(field)
  markProblems(view)
  document.addEventListener('htmx:after:swap', () => markProblems(view))
}

function extensionsFor(field: HTMLTextAreaElement): Extension {
  const name = field.labels[0]?.textContent.trim() ?? ''
  const described = field.getAttribute('aria-describedby')
  const { nonce } = document.querySelector<HTMLScriptElement>('script[nonce]')!
  return [
    EditorView.cspNonce.of(nonce),
    EditorView.contentAttributes.of({
      'aria-label': name,
      ...(described === null ? {} : { 'aria-describedby': described }),
      tabindex: '0',
      spellcheck: 'false',
      autocapitalize: 'off',
    }),
    EditorView.domEventHandlers({ beforeinput: typeOver }),
    EditorView.updateListener.of(({ docChanged, state }) => {
      if (docChanged) keep(field, state.doc)
    }),
    lineNumbers(),
    lintGutter(),
    history(),
    drawSelection(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    highlightSelectionMatches(),
    bracketMatching(),
    closeBrackets(),
    indentOnInput(),
    indentUnit.of('  '),
    yaml(),
    THEME,
    syntaxHighlighting(COLOURS),
    autocompletion({ override: [completeFrom(field.dataset.words ?? '')], icons: false }),
    // Tab is not among them: it leaves the editor, as it leaves any field.
    keymap.of([
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...defaultKeymap,
      ...historyKeymap,
      ...searchKeymap,
      ...lintKeymap,
    ]),
  ]
}

// Whoever listens to the field hears of it as if somebody had typed there.
function keep(field: HTMLTextAreaElement, text: Text): void {
  field.value = text.toString()
  field.dispatchEvent(new Event('input', { bubbles: true }))
}

// A browser that types over selected text carries its colour along as a style of its own, which the
// policy blocks and reports. So the editor does that itself.
function typeOver(event: InputEvent, view: EditorView): boolean {
  const { data, inputType } = event
  const { from, to, empty } = view.state.selection.main
  if (inputType !== 'insertText' || data === null || empty || view.composing) return false
  event.preventDefault()
  const insert = () =>
    view.state.update(view.state.replaceSelection(data), { userEvent: 'input.type' })
  const isTaken = view.state
    .facet(EditorView.inputHandler)
    .some((handle) => handle(view, from, to, data, insert))
  if (!isTaken) view.dispatch(insert())
  return true
}

function saveByKey({ form }: HTMLTextAreaElement): void {
  form?.addEventListener('keydown', (event) => {
    const isSave = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's'
    if (!isSave || event.shiftKey || event.altKey) return
    event.preventDefault()
    form.requestSubmit(form.querySelector<HTMLButtonElement>('button[value=save]'))
  })
}

function markProblems(view: EditorView): void {
  if (!view.dom.isConnected) return
  const { doc } = view.state
  const found = document.querySelectorAll<HTMLElement>('#problems li[data-from]')
  const diagnostics = Array.from(found, (item): Diagnostic => {
    const from = offsetOf(doc, item.dataset.from!)
    const to = item.dataset.to === undefined ? from : offsetOf(doc, item.dataset.to)
    return {
      from,
      to: Math.max(from, to),
      severity: (item.dataset.severity ?? 'error') as Diagnostic['severity'],
      message: item.querySelector('[data-says]')?.textContent.trim() ?? '',
    }
  })
  view.dispatch(setDiagnostics(view.state, diagnostics))
}

/** The text may have grown shorter since the server read it. */
function offsetOf(doc: Text, place: string): number {
  const [line = 1, column = 1] = place.split(':').map(Number)
  const { from, to } = doc.line(Math.min(Math.max(line, 1), doc.lines))
  return Math.min(from + column - 1, to)
}
