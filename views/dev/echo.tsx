// A form that shows what was typed in every place where foreign text can stand: heading, cell, title,
// field, code, link. The development page and the tests of hostile text use it.

import { Button } from '#views/parts/button.tsx'
import { Field, TextArea, type FieldProblems } from '#views/parts/field.tsx'
import { hx } from '#views/parts/hx.tsx'
import { Code, ExternalLink, Foreign } from '#views/parts/text.tsx'

export interface Echo {
  readonly text: string
  readonly problems: FieldProblems
  /** How often the button was pressed in this page. */
  readonly round: number
}

export const NO_ECHO: Echo = { text: '', problems: {}, round: 0 }

export const EchoForm = ({ echo }: { echo: Echo }) => (
  <form
    id="echo"
    class="stack"
    method="post"
    action="/dev/parts"
    novalidate
    {...hx({ post: '/dev/parts', swap: 'outerHTML' })}
  >
    <input type="hidden" name="round" value={String(echo.round)} />
    <Field name="text" label="Text" hint="“refuse” is refused." problems={echo.problems}>
      {(attributes) => <TextArea {...attributes} value={echo.text} maxlength={20_000} />}
    </Field>
    <div class="row">
      <Button>Show it</Button>
      <span role="status">Round {echo.round}</span>
    </div>
    {echo.text !== '' && <Shown text={echo.text} />}
  </form>
)

const Shown = ({ text }: { text: string }) => (
  <div class="stack-s" id="shown">
    <h3 dir="auto">{text}</h3>
    <p title={text} data-text={text} id="shown-title">
      <Foreign text={text} />
    </p>
    <input class="input" aria-label={text} value={text} readonly />
    <Code label="The text" text={text} />
    <ExternalLink url={text} />
  </div>
)
