// What was found before anybody signs: problems of each item, what was let pass and why, and the form that
// lets one pass by name.

import type { ChangeItem, Waiver } from '#domain/changes/change.ts'
import type { Actor } from '#kernel/actor.ts'
import type { Problem } from '#kernel/problem.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { Badge, TONE_ICONS, type Tone } from '#views/parts/badge.tsx'
import { Button } from '#views/parts/button.tsx'
import { clip, count, formatNumber } from '#views/parts/format.ts'
import { Icon } from '#views/parts/icon.tsx'
import { Panel } from '#views/parts/panel.tsx'
import { Foreign } from '#views/parts/text.tsx'
import type { ChangePageProps } from './change-page.tsx'

const TONES = { error: 'bad', warning: 'warn', info: 'accent' } as const satisfies Record<
  Problem['severity'],
  Tone
>
const LINES_SHOWN = 40

interface Found {
  readonly item: ChangeItem
  readonly problem: Problem
  readonly waiver: Waiver | undefined
}

/** Each problem once an item and code, errors that nobody let pass first. */
export function problemsOf(items: readonly ChangeItem[]): readonly Found[] {
  const found = items.flatMap((item) =>
    item.problems.map((problem) => ({
      item,
      problem,
      waiver: item.waivers.find(({ code }) => code === problem.code),
    })),
  )
  return found.toSorted((a, b) => rankOf(a) - rankOf(b))
}

export const stops = ({ problem, waiver }: Found) => problem.severity === 'error' && !waiver

const rankOf = (one: Found) =>
  stops(one) ? 0 : one.waiver ? 1 : one.problem.severity === 'warning' ? 2 : 3

export const Checks = (props: ChangePageProps) => {
  const found = problemsOf(props.whole.items)
  const open = found.filter(stops).length
  const waived = found.filter(({ waiver }) => waiver !== undefined).length
  return (
    <Panel
      title="Checks"
      id="checks"
      sub={
        found.length === 0
          ? 'lint, tests, scope, what stands there, mode of the target'
          : `${count(open, 'problem stops', 'problems stop')} it, ${formatNumber(waived)} let pass`
      }
      action={
        <Badge tone={open > 0 ? 'bad' : waived > 0 ? 'warn' : 'ok'}>
          {open > 0 ? 'Not passed' : waived > 0 ? 'Passed with waivers' : 'Passed'}
        </Badge>
      }
    >
      {found.length > 0 && (
        <ul class="problems">
          {found.slice(0, LINES_SHOWN).map((one) => (
            <Line {...props} found={one} />
          ))}
          {found.length > LINES_SHOWN && (
            <li>
              <span></span>
              <span class="muted">and {formatNumber(found.length - LINES_SHOWN)} more</span>
            </li>
          )}
        </ul>
      )}
    </Panel>
  )
}

const Line = ({ found, names, path, may, whole }: ChangePageProps & { found: Found }) => {
  const { item, problem, waiver } = found
  const tone = waiver ? 'warn' : TONES[problem.severity]
  const isOpen = ['draft', 'in_review', 'changes_requested'].includes(whole.change.state)
  return (
    <li data-tone={tone}>
      <Icon name={TONE_ICONS[tone]} size="s" />
      <div>
        <p dir="auto">
          <span class="vh">{waiver ? 'let pass' : problem.severity}: </span>
          {problem.message}
          {problem.hint !== undefined && <span class="muted"> {problem.hint}</span>}
        </p>
        <p class="muted small">
          <a href={`#item-${item.number}`}>
            <Foreign text={clip(item.ruleTitle, 80)} /> on <bdi>{item.targetName}</bdi>
          </a>{' '}
          · <span class="mono">{problem.code}</span>
        </p>
        {waiver && <Waived waiver={waiver} names={names} />}
        {!waiver && problem.severity === 'error' && isOpen && may.write && (
          <WaiveForm path={path} item={item} problem={problem} />
        )}
      </div>
    </li>
  )
}

const Waived = ({ waiver, names }: { waiver: Waiver; names: ReadonlyMap<Actor, string> }) => (
  <p class="small break" dir="auto">
    <span class="muted">
      Let pass by <bdi>{describeActor(waiver.by, names)}</bdi>:
    </span>{' '}
    {waiver.reason}
  </p>
)

const WaiveForm = (props: { path: string; item: ChangeItem; problem: Problem }) => {
  const { path, item, problem } = props
  const id = `waive-${item.number}-${problem.code.replaceAll(/\W/g, '-')}`
  return (
    <details class="waive">
      <summary class="small">Let it pass…</summary>
      <form method="post" action={`${path}/waivers`} class="row">
        <input type="hidden" name="number" value={item.number} />
        <input type="hidden" name="code" value={problem.code} />
        <label class="vh" for={id}>
          Why {problem.code} may pass for {item.ruleTitle} on {item.targetName}
        </label>
        <input
          id={id}
          class="input input-s grow"
          name="reason"
          required
          maxlength={2_000}
          placeholder="Why it may pass"
          autocomplete="off"
          dir="auto"
        />
        <Button size="s">Let it pass</Button>
      </form>
    </details>
  )
}
