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
            <a class="mono" href={docOfProblem(problem.code)}>
              {problem.code}
            </a>
          </p>
        </div>
      </li>
    ))}
    {problems.length > SHOWN_MAX && <li>And {problems.length - SHOWN_MAX} more.</li>}
  </ul>
)

/** The checks of a Sigma text have a page of their own, each with its heading. */
export function docOfProblem(code: string): string {
  const [area, name] = code.split('/')
  if (CHECKED.has(area!) && !UNCHECKED.has(name!)) {
    return `/docs/lint#${code.replaceAll(/[^a-z0-9-]+/g, '-')}`
  }
  return `/docs/problems#${AREAS[area!] ?? 'queries'}`
}

const CHECKED: ReadonlySet<string> = new Set(['sigma', 'yaml'])

/** What is found while compiling. */
const UNCHECKED: ReadonlySet<string> = new Set([
  'cannot-convert',
  'cannot-match',
  'no-rule',
  'pipeline',
  'side-by-side-windows',
  'unresolved-placeholder',
])

const AREAS: Readonly<Record<string, string>> = {
  rule: 'rules',
  sigma: 'compiling',
  mapping: 'compiling',
  body: 'what-is-written-on-a-target',
  change: 'rules-in-other-states',
  exclusion: 'rules-in-other-states',
  list: 'rules-in-other-states',
  import: 'rules-in-other-states',
  upstream: 'rules-in-other-states',
  attack: 'rules-in-other-states',
  input: 'input-and-settings',
  target: 'input-and-settings',
  token: 'input-and-settings',
}
