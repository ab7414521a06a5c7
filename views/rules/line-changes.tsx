// Two texts as one: what went, what came, and a little of what stands around it.

import type { LineChange } from '#languages/lines.ts'

const WORDS = { added: 'added: ', removed: 'removed: ', same: '' } as const
const SIGNS = { added: '+', removed: '\u2212', same: ' ' } as const

export const LineChanges = (props: { lines: readonly LineChange[]; label: string }) => (
  <pre class="code code-plain lines" tabindex={0} role="region" aria-label={props.label}>
    <code>
      {props.lines.map((line) =>
        line.kind === 'gap' ? (
          <span class="ln muted">… {line.count} lines are the same</span>
        ) : (
          <span class="ln" data-change={line.kind}>
            <span aria-hidden="true">{SIGNS[line.kind]} </span>
            <span class="vh">{WORDS[line.kind]}</span>
            {line.text}
          </span>
        ),
      )}
    </code>
  </pre>
)
