// One upstream: what its newest bundle would do to the rules here, and how to go on.

import type {
  UpstreamChoice,
  UpstreamFinding,
  UpstreamItem,
  UpstreamResult,
  UpstreamUpdate,
} from '#domain/rules/upstreams/upstream.ts'
import type { UpstreamShown } from '#domain/rules/upstreams/actions.ts'
import type { Actor } from '#kernel/actor.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { Badge, type Tone } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Check } from '#views/parts/field.tsx'
import { count, formatNumber } from '#views/parts/format.ts'
import { hxLive } from '#views/parts/hx.tsx'
import { Empty, Notice } from '#views/parts/notice.tsx'
import { Facts, Figures, Head, Panel, PanelBody, type Fact } from '#views/parts/panel.tsx'
import { Pager } from '#views/parts/table.tsx'
import { ExternalLink, Foreign, Time } from '#views/parts/text.tsx'
import { BundleFields } from './bundle-fields.tsx'

export interface UpstreamPageProps extends UpstreamShown {
  /** `/w/acme/upstreams/ups_…`, of the list of rules, and of the jobs. */
  readonly path: string
  readonly rules: string
  readonly jobs: string
  readonly mayWrite: boolean
  readonly names: ReadonlyMap<Actor, string>
  readonly finding: UpstreamFinding | null
  readonly cursor: string | null
  readonly items: readonly UpstreamItem[]
  readonly next: string | null
}

type Mark = readonly [label: string, tone: Tone | undefined]

export const FINDING_MARKS: Readonly<Record<UpstreamFinding, Mark>> = {
  clean: ['Applies cleanly', 'ok'],
  conflict: ['Conflict', 'warn'],
  new: ['Not here yet', 'accent'],
  likely: ['Likely yours', 'accent'],
  deprecated: ['Deprecated there', 'warn'],
  gone: ['No longer there', 'unknown'],
  replaced: ['Replaced', 'warn'],
  unchanged: ['Unchanged', undefined],
  broken: ['Broken', 'bad'],
  left_out: ['Left out', 'unknown'],
}

const RESULT_MARKS: Readonly<Record<UpstreamResult, Mark>> = {
  created: ['Created', 'ok'],
  saved: ['New version', 'ok'],
  same: ['Same', undefined],
  kept: ['Kept as it was', 'unknown'],
  stale: ['Saved meanwhile', 'warn'],
  refused: ['Refused', 'bad'],
}

export const CHOICE_WORDS: Readonly<Record<UpstreamChoice, string>> = {
  merge: 'Merge, ours where both changed',
  theirs: 'Merge, theirs where both changed',
  mine: 'Keep ours as it is',
  link: 'It came from here',
  add: 'Take it as a new rule',
}

export const UpstreamPage = (props: UpstreamPageProps) => {
  const { upstream, updates, path, running } = props
  const live = running === null ? {} : hxLive(path, [`job-${running}`, 'jobs'])
  return (
    <div id="upstream" {...live}>
      <Head
        title={upstream.name}
        actions={
          running !== null && <LinkButton href={`${props.jobs}/${running}`}>Progress</LinkButton>
        }
        meta={[
          upstream.licence === null ? (
            'No licence given'
          ) : (
            <Foreign text={`Licence ${upstream.licence}`} />
          ),
          ...(upstream.author === null ? [] : [<Foreign text={`By ${upstream.author}`} />]),
          ...(upstream.address === null ? [] : [<ExternalLink url={upstream.address} />]),
        ]}
      />
      <div class="stack">
        {updates.length === 0 ? (
          <Notice tone="accent" title="No bundle yet.">
            Bring the first one below.
          </Notice>
        ) : (
          <Plan {...props} />
        )}
        {updates.length > 0 && <Items {...props} />}
        {props.mayWrite && <BringForm path={path} />}
        <Updates updates={updates} names={props.names} />
      </div>
    </div>
  )
}

const Plan = (props: UpstreamPageProps) => {
  const { summary, upstream, path, running } = props
  const { findings, unplanned } = summary
  const { clean = 0, conflict = 0 } = findings
  if (unplanned > 0) {
    return (
      <Notice tone="accent" title={running === null ? 'The plan was not finished.' : 'Planning.'}>
        {count(unplanned, 'document')} are read and compared with the rules here.
        {running === null && props.mayWrite && <Again path={path} />}
      </Notice>
    )
  }
  const changed = clean + conflict
  const figures = Object.entries(findings)
    .slice(0, 6)
    .map(([key, value]) => ({
      label: FINDING_MARKS[key as UpstreamFinding][0],
      value: formatNumber(value),
      href: `${path}?finding=${key}`,
    }))
  return (
    <>
      <Figures label="Rules of the bundle" figures={figures} />
      <Panel title="What it would do" id="go">
        <PanelBody>
          <p>
            <Foreign text={upstream.name} /> changed {formatNumber(changed)} of your rules:{' '}
            {formatNumber(clean)} apply cleanly, {formatNumber(conflict)} conflict.
          </p>
          <Went {...props} />
          {props.mayWrite && running === null && <Go {...props} />}
        </PanelBody>
      </Panel>
    </>
  )
}

const Went = ({ summary: { results, undecided } }: UpstreamPageProps) => {
  const said = Object.entries(results).map(
    ([key, value]) => `${RESULT_MARKS[key as UpstreamResult][0].toLowerCase()} ${value}`,
  )
  return (
    <>
      {said.length > 0 && <p>Applied so far: {said.join(', ')}.</p>}
      {undecided > 0 && (
        <p>
          {count(undecided, 'rule waits', 'rules wait')} until somebody chooses: open each below.
        </p>
      )}
    </>
  )
}

const Go = ({ summary, path }: UpstreamPageProps) => {
  const { ready, addable } = summary
  return (
    <>
      <form method="post" action={`${path}/apply`}>
        {addable > 0 && (
          <p>
            <Check
              name="addsNew"
              label={`Also take ${count(addable, 'rule')} not here yet`}
              checked={ready === 0}
            />
          </p>
        )}
        <div class="row">
          <Button kind="primary" disabled={ready + addable === 0}>
            Apply what is decided
          </Button>
        </div>
      </form>
      <Again path={path} />
    </>
  )
}

const Again = ({ path }: { path: string }) => (
  <form method="post" action={`${path}/plan`} class="inline">
    <Button size="s">Plan again over the rules of now</Button>
  </form>
)

const Items = (props: UpstreamPageProps) => {
  const { items, path, finding } = props
  const filter = finding === null ? '' : `finding=${finding}`
  const here = filter === '' ? path : `${path}?${filter}`
  const link = (cursor: string) =>
    `${path}?${[filter, `cursor=${encodeURIComponent(cursor)}`].filter(Boolean).join('&')}`
  return (
    <Panel
      title="Rule by rule"
      id="plan"
      sub={finding === null ? 'all' : FINDING_MARKS[finding][0]}
      action={
        finding !== null && (
          <LinkButton size="s" href={path}>
            Show all
          </LinkButton>
        )
      }
    >
      {items.length === 0 ? (
        <Empty icon="list-filter" title="Nothing here">
          Nothing of this bundle is of that kind.
        </Empty>
      ) : (
        <ol class="rows">
          {items.map((item) => (
            <Item item={item} path={path} />
          ))}
        </ol>
      )}
      <Pager
        words={['First', 'Next']}
        shown={count(items.length, 'document')}
        first={props.cursor === null ? null : here}
        next={props.next === null ? null : link(props.next)}
      />
    </Panel>
  )
}

export const ItemMark = ({ item }: { item: UpstreamItem }) => {
  const { finding, result } = item
  if (finding === null) return <Badge>Not planned yet</Badge>
  const [label, tone] = result === null ? FINDING_MARKS[finding] : RESULT_MARKS[result]
  return tone === undefined ? <Badge>{label}</Badge> : <Badge tone={tone}>{label}</Badge>
}

const Item = ({ item, path }: { item: UpstreamItem; path: string }) => (
  <li>
    <ItemMark item={item} />
    <span class="grow break">
      <a href={`${path}/plan/${item.position}`} dir="auto">
        {item.title ?? item.path}
      </a>
      <br />
      <bdi class="muted small mono break">{item.path}</bdi>
    </span>
    {item.confidence !== null && <span class="muted small">{item.confidence} % sure</span>}
    {item.conflicts > 0 && (
      <span class="muted small">{count(item.conflicts, 'place')} changed on both sides</span>
    )}
    {item.choice !== null && <span class="muted small">{CHOICE_WORDS[item.choice]}</span>}
  </li>
)

const BringForm = ({ path }: { path: string }) => (
  <form method="post" action={`${path}/updates`} enctype="multipart/form-data">
    <Panel title="Bring a newer bundle" id="bring">
      <PanelBody>
        <BundleFields />
        <div class="row">
          <Button>Show what it would change</Button>
        </div>
      </PanelBody>
    </Panel>
  </form>
)

interface UpdatesProps {
  readonly updates: readonly UpstreamUpdate[]
  readonly names: ReadonlyMap<Actor, string>
}

const Updates = ({ updates, names }: UpdatesProps) =>
  updates.length === 0 ? null : (
    <Panel title="Bundles" id="bundles" sub="newest first">
      {updates.map((update) => (
        <PanelBody>
          <Facts facts={factsOf(update, names)} />
        </PanelBody>
      ))}
    </Panel>
  )

function factsOf(update: UpstreamUpdate, names: UpdatesProps['names']): readonly Fact[] {
  const { label, commit, digest, fileCount, createdBy, createdAt } = update
  return [
    ['Release', <Foreign text={label} />],
    ...(commit === null ? [] : [['Commit', <Foreign class="mono break" text={commit} />] as const]),
    ['SHA-256', <span class="mono break">{digest}</span>],
    ['Files', formatNumber(fileCount)],
    [
      'Brought',
      <>
        <bdi>{describeActor(createdBy, names)}</bdi> <Time at={createdAt} />
      </>,
    ],
  ]
}
