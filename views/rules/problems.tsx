// What is wrong with a text, each with its place and what to do; shared by the editor and the rule page.

import type { Problem } from '#kernel/problem.ts'
import { TONE_ICONS, type Tone } from '#views/parts/badge.tsx'
import { Icon } from '#views/parts/icon.tsx'

const TONES = { error: 'bad', warning: 'warn', info: 'accent' } as const satisfies Record<
  Problem['severity'],
  Tone
>
/** More than these nobody reads at once; the rest is counted. */
const SHOWN_MAX = 100

export const Problems = ({ problems }: { problems: readonly Problem[] }) => (
  <ul class="problems">
    {problems.slice(0, SHOWN_MAX).map((problem) => (
      <li
        data-tone={TONES[problem.severity]}
        data-severity={problem.severity}
        data-from={problem.line && `${problem.line}:${problem.column ?? 1}`}
        data-to={problem.endLine && `${problem.endLine}:${problem.endColumn ?? 1}`}
      >
        <Icon name={TONE_ICONS[TONES[problem.severity]]} size="s" />
        <div>
          <p dir="auto" data-says>
            <span class="vh">{problem.severity}: </span>
            {problem.message}
            {problem.hint !== undefined && <span class="muted"> {problem.hint}</span>}
          </p>
          <p class="muted small">
            {problem.line !== undefined && (
              <>
                line {problem.line}, column {problem.column ?? 1} ·{' '}
              </>
            )}
            <a class="mono" href={placeOf(problem.code)}>
              {problem.code}
            </a>
          </p>
        </div>
      </li>
    ))}
    {problems.length > SHOWN_MAX && <li>And {problems.length - SHOWN_MAX} more.</li>}
  </ul>
)

/** What a place cannot be given is told on a page of its own. */
function placeOf(code: string): string {
  if (code.startsWith('body/')) return '/docs/bodies'
  return `/docs/lint#${code.replaceAll(/[^a-z0-9-]+/g, '-')}`
}
