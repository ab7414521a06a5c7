// The rules that stand on a target, as they were read last: narrowed, looked at, adopted.

import type { Observed, Pull } from '#domain/adoption/observed.ts'
import type { ObservedFilter, ObservedSort } from '#domain/adoption/input.ts'
import { Level, type LevelName } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { FilterChip, FilterSelect, SearchBox } from '#views/parts/field.tsx'
import { count } from '#views/parts/format.ts'
import { hx, hxLive } from '#views/parts/hx.tsx'
import { Empty, Notice } from '#views/parts/notice.tsx'
import { Pager, Table } from '#views/parts/table.tsx'
import { Foreign, Time, Unknown } from '#views/parts/text.tsx'
import { TargetHead, type TargetHeadProps } from '#views/targets/target-head.tsx'
import { Binding, Enabled, gapWords, managerWords } from './words.tsx'

export interface InventoryShown {
  /** `/w/acme/targets/tgt_…/rules`. */
  readonly path: string
  /** `/w/acme/jobs`. */
  readonly jobs: string
  readonly pull: Pull | undefined
  /** Its job waits or runs. */
  readonly isReading: boolean
  readonly filter: ObservedFilter
  readonly sort: ObservedSort
  readonly types: readonly { readonly type: string; readonly count: number }[]
  readonly items: readonly Observed[]
  readonly count: number
  readonly first: string | null
  readonly next: string | null
  readonly mayAdopt: boolean
}

export const InventoryPage = ({
  head,
  shown,
}: {
  head: TargetHeadProps
  shown: InventoryShown
}) => (
  <>
    <TargetHead {...head} />
    <div class="stack">
      <PullLine shown={shown} />
      {typeof shown.pull?.doneAt === 'number' && <Filters shown={shown} />}
      <ObservedList shown={shown} />
    </div>
  </>
)

/** What is known, since when, and how complete. */
export const PullLine = ({ shown }: { shown: InventoryShown }) => {
  const { path, pull, isReading, mayAdopt } = shown
  return (
    <div id="pull" class="stack" {...hxLive(path, [`observed-${targetOf(path)}`])}>
      {pull?.state === 'failed' && (
        <Notice tone="bad" title="The rules could not be read.">
          {pull.reason}
        </Notice>
      )}
      {pull?.state === 'running' && (
        <Notice
          tone={isReading ? 'accent' : 'warn'}
          title={isReading ? 'The rules are being read.' : 'Reading was stopped.'}
        >
          <a href={`${shown.jobs}/${pull.jobId}`}>{isReading ? 'Follow it' : 'See the job'}</a>
        </Notice>
      )}
      <Gap title="This is not every rule." of={pull?.completeness ?? null} />
      <Gap title="Not everything that rules build on is known." of={pull?.dependencies ?? null} />
      <AdoptedNotice pull={pull} />
      <div class="row">
        {mayAdopt && (
          <form method="post" action={`${path}/pull`}>
            <Button icon="download" disabled={isReading}>
              Read the rules now
            </Button>
          </form>
        )}
        {typeof pull?.doneAt === 'number' && (
          <a class="small" href={`${path}/dependencies`}>
            What rules build on
          </a>
        )}
        {typeof pull?.doneAt === 'number' && (
          <span class="muted small">
            Read <Time at={pull.doneAt} />: {count(pull.counts.rules, 'rule')}, {pull.counts.added}{' '}
            new, {pull.counts.changed} changed, {pull.counts.missing} gone.
          </span>
        )}
      </div>
    </div>
  )
}

const Gap = ({ title, of }: { title: string; of: Pull['completeness'] }) => {
  const words = of === null ? undefined : gapWords(of)
  return words === undefined ? null : (
    <Notice tone="unknown" title={title}>
      {words}
    </Notice>
  )
}

const AdoptedNotice = ({ pull }: { pull: Pull | undefined }) => {
  const adopted = pull?.adopted
  if (!adopted || adopted.refusedCount === 0) return null
  return (
    <Notice tone="warn" title={`${count(adopted.refusedCount, 'rule')} could not be adopted.`}>
      {adopted.refused.slice(0, 5).map(({ name, why }) => (
        <>
          <br />
          <Foreign text={name} class="break" />: {why}
        </>
      ))}
    </Notice>
  )
}

function targetOf(path: string): string {
  return path.split('/').at(-2)!
}

const ENABLED = [
  ['', 'On or off'],
  ['yes', 'On'],
  ['no', 'Off'],
] as const
const ADOPTED = [
  ['', 'Adopted or not'],
  ['no', 'Not adopted'],
  ['yes', 'Adopted'],
  ['managed', 'Managed by us'],
  ['observe', 'Observed'],
  ['drifted', 'Changed since'],
] as const
const MANAGED = [
  ['', 'Any manager'],
  ['yes', 'Others write it, too'],
  ['no', 'Nobody else'],
] as const
const CHANGED = [
  ['', 'Changed any time'],
  ['1d', 'In a day'],
  ['7d', 'In a week'],
  ['30d', 'In a month'],
] as const
const MISSING = [
  ['', 'Standing there'],
  ['yes', 'Gone'],
] as const
const SORTED = [
  ['name', 'By name'],
  ['-changedAt', 'Last changed first'],
] as const

const Filters = ({ shown: { path, filter, sort, types } }: { shown: InventoryShown }) => (
  <form
    class="filters"
    action={path}
    method="get"
    role="search"
    aria-label="Filter rules of the target"
    {...hx({
      get: path,
      target: '#observed-list',
      swap: 'outerMorph',
      trigger: 'input delay:150ms, submit',
      pushUrl: 'true',
      sync: 'this:replace',
    })}
  >
    <SearchBox label="Part of the name" name="q" value={filter.q ?? ''} maxlength={200} />
    <FilterSelect
      name="type"
      label="Type"
      value={filter.type}
      options={[
        ['', 'Any type'],
        ...types.map(({ type, count: n }) => [type, `${type} (${n})`] as const),
      ]}
    />
    <FilterSelect name="enabled" label="On or off" value={filter.enabled} options={ENABLED} />
    <FilterSelect name="adopted" label="Adopted" value={filter.adopted} options={ADOPTED} />
    <FilterSelect name="managed" label="Other managers" value={filter.managed} options={MANAGED} />
    <FilterSelect name="changed" label="Changed" value={filter.changed} options={CHANGED} />
    <FilterSelect name="missing" label="Gone" value={filter.missing} options={MISSING} />
    {filter.dependency !== undefined && (
      <>
        <input type="hidden" name="dependency" value={filter.dependency} />
        <FilterChip field="builds on" value="one thing" without={path} />
      </>
    )}
    <FilterSelect name="sort" label="Order" value={sort} options={SORTED} />
    <noscript>
      <Button size="s">Filter</Button>
    </noscript>
  </form>
)

const COLUMNS = [
  { label: 'Rule' },
  { label: 'Type' },
  { label: 'Level' },
  { label: 'There' },
  { label: 'Here' },
  { label: 'Changed' },
]

export const ObservedList = ({ shown }: { shown: InventoryShown }) => {
  const { items, path } = shown
  const live = hxLive(addressOf(shown), [`observed-${targetOf(path)}`])
  return (
    <section class="panel" id="observed-list" aria-label="Rules of the target" {...live}>
      {items.length === 0 ? (
        <Nothing shown={shown} />
      ) : (
        <Table label="Rules of the target, and how each stands" columns={COLUMNS} isStacked>
          {items.map((one) => (
            <Row one={one} path={path} />
          ))}
        </Table>
      )}
      {(shown.first ?? shown.next) !== null && (
        <Pager
          shown={count(shown.count, 'rule')}
          first={shown.first}
          next={shown.next}
          words={['First', 'Next']}
        />
      )}
      {items.length > 0 && <ListFoot shown={shown} />}
    </section>
  )
}

/** This list as it is narrowed now. */
export function addressOf({ path, filter, sort }: InventoryShown): string {
  const query = queryOf(filter)
  if (sort !== 'name') query.set('sort', sort)
  const text = query.toString()
  return text === '' ? path : `${path}?${text}`
}

function queryOf(filter: ObservedFilter): URLSearchParams {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined && value !== '')
  return new URLSearchParams(given)
}

const ListFoot = ({ shown }: { shown: InventoryShown }) => {
  const { mayAdopt, path, filter } = shown
  if (!mayAdopt) return null
  const query = queryOf({ ...filter, adopted: 'no' })
  return (
    <div class="panel-foot">
      {filter.missing !== 'yes' && (
        <>
          <LinkButton href={`${path}/adopt?${query.toString()}`}>
            Adopt what this list finds
          </LinkButton>
          <span class="muted small">
            {' '}
            {count(shown.count, 'rule')}, less those adopted already.
          </span>
        </>
      )}
      {filter.adopted !== 'no' && shown.items.some(({ adoption }) => adoption !== null) && (
        <LinkButton href={`${path}/release?${queryOf(filter).toString()}`}>
          Let go of what this list finds
        </LinkButton>
      )}
    </div>
  )
}

const Row = ({ one, path }: { one: Observed; path: string }) => (
  <tr>
    <th scope="row" class="wrap">
      <a href={`${path}/${one.id}`}>
        <Foreign text={one.name} class="break" />
      </a>
      {one.managers.map((manager) => (
        <>
          {' '}
          <span class="muted small">{managerWords(manager)}</span>
        </>
      ))}
    </th>
    <td class="nowrap">{one.type}</td>
    <td>{one.level === null ? <Unknown>none</Unknown> : <Level of={one.level as LevelName} />}</td>
    <td>
      <Enabled is={one.isEnabled} />
    </td>
    <td class="wrap">
      <Binding of={one} />
    </td>
    <td class="nowrap">
      <LastChange of={one} />
    </td>
  </tr>
)

/** A first read is no change: until another one sees a change, only the target can tell of one. */
const LastChange = ({ of: { changedAt, firstSeenAt, remoteChangedAt } }: { of: Observed }) => {
  const at = changedAt > firstSeenAt ? changedAt : remoteChangedAt
  return at === null ? <Unknown /> : <Time at={at} />
}

const Nothing = ({ shown: { pull, filter, mayAdopt } }: { shown: InventoryShown }) => {
  if (typeof pull?.doneAt !== 'number') {
    return (
      <Empty icon="list-checks" title="Nobody looked yet">
        {mayAdopt
          ? 'Reading the rules changes nothing there. What is found can be adopted: bound to rules here, still without a write.'
          : 'Somebody who writes rules can have them read. That changes nothing there.'}
      </Empty>
    )
  }
  const isNarrowed = Object.values(filter).some((value) => value !== undefined && value !== '')
  return isNarrowed ? (
    <Empty icon="search" title="No rule fits">
      Take one of the filters away.
    </Empty>
  ) : (
    <Empty icon="list-checks" title="No rules there">
      The target answered and has none that this credential sees.
    </Empty>
  )
}
