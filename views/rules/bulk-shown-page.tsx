// What becomes of a change to many rules: how far it is, which were refused and why, and taking it back.

import type { BulkCounts, BulkItem, BulkOutcome } from '#domain/rules/bulk/store.ts'
import type { BulkShown } from '#domain/rules/bulk/result.ts'
import type { Actor } from '#kernel/actor.ts'
import { describeJobState, isRunning, JobCard } from '#views/jobs/job-card.tsx'
import { describeActor } from '#views/parts/actor.tsx'
import { Badge, type Tone } from '#views/parts/badge.tsx'
import { LinkButton } from '#views/parts/button.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { clip, count, formatNumber } from '#views/parts/format.ts'
import { hxLive } from '#views/parts/hx.tsx'
import { Empty } from '#views/parts/notice.tsx'
import { Figures, Head, Panel } from '#views/parts/panel.tsx'
import { Pager } from '#views/parts/table.tsx'
import { Time } from '#views/parts/text.tsx'

export interface BulkShownPageProps extends BulkShown {
  /** `/w/acme/rules/bulk/job_…`, of the list of rules, and of jobs. */
  readonly path: string
  readonly rules: string
  readonly jobs: string
  readonly items: readonly BulkItem[]
  readonly next: string | null
  readonly cursor: string | null
  readonly result: BulkOutcome | null
  readonly names: ReadonlyMap<Actor, string>
  readonly may: { readonly cancel: boolean; readonly undo: boolean }
}

const RESULTS: Readonly<Record<BulkOutcome, readonly [label: string, tone: Tone | undefined]>> = {
  changed: ['Changed', 'ok'],
  same: ['Had it already', undefined],
  refused: ['Refused', 'bad'],
}

/** While it runs the whole page is one part that fetches itself. */
export const BulkShownPage = (props: BulkShownPageProps) => {
  const { bulk, job, path } = props
  const [tone, word] = describeJobState(job.state)
  const live = isRunning(job) ? hxLive(path, [`job-${job.id}`]) : {}
  return (
    <div id="bulk" {...live}>
      <Head
        title={bulk.title}
        badge={<Badge tone={tone}>{word}</Badge>}
        meta={[
          <bdi>{describeActor(bulk.createdBy, props.names)}</bdi>,
          <Time at={bulk.createdAt} />,
        ]}
        actions={<Acts {...props} />}
      />
      <div class="stack">
        {isRunning(job) && (
          <section class="panel" aria-label="Progress">
            <JobCard job={job} path={props.jobs} mayCancel={props.may.cancel} place="page" />
          </section>
        )}
        <Numbers {...props} />
        <Items {...props} />
      </div>
    </div>
  )
}

const Acts = ({ bulk, job, counts, undoneBy, path, rules, may }: BulkShownPageProps) => (
  <>
    {undoneBy !== null && <LinkButton href={`${rules}/bulk/${undoneBy}`}>It was undone</LinkButton>}
    {bulk.undoes !== null && (
      <LinkButton href={`${rules}/bulk/${bulk.undoes}`}>What was undone</LinkButton>
    )}
    {may.undo && !isRunning(job) && undoneBy === null && counts.changed > 0 && (
      <Confirm
        id="undo"
        opener="Undo"
        question="Undo this change?"
        consequence={`${count(counts.changed, 'rule')} would get back what they were before, as another version. A rule that was changed since is left as it is.`}
        keep="Keep the change"
        verb="Undo it"
        path={`${path}/undo`}
      />
    )}
    <LinkButton href={rules}>All rules</LinkButton>
  </>
)

const Numbers = ({ counts, path }: { counts: BulkCounts; path: string }) => (
  <Figures
    label="Rules"
    figures={Object.entries(counts).map(([result, value]) => ({
      label: RESULTS[result as BulkOutcome][0],
      value: formatNumber(value),
      href: `${path}?result=${result}`,
    }))}
  />
)

const Items = ({ items, path, rules, result, cursor, next, job }: BulkShownPageProps) => {
  const query = new URLSearchParams(result === null ? {} : { result })
  const here = query.size === 0 ? path : `${path}?${query.toString()}`
  const link = (to: string) =>
    `${path}?${new URLSearchParams([...query, ['cursor', to]]).toString()}`
  return (
    <Panel
      title="Rules"
      id="items"
      sub={result === null ? 'all' : RESULTS[result][0]}
      action={
        result !== null && (
          <LinkButton size="s" href={path}>
            Show all
          </LinkButton>
        )
      }
    >
      {items.length === 0 ? (
        <Empty icon="list-filter" title={isRunning(job) ? 'None yet' : 'No rule here'}>
          {isRunning(job)
            ? 'Each rule stands here as soon as it is done.'
            : 'None of the rules ended that way.'}
        </Empty>
      ) : (
        <ol class="rows">
          {items.map((item) => (
            <Item item={item} rules={rules} />
          ))}
        </ol>
      )}
      <Pager
        words={['First', 'Next']}
        shown={count(items.length, 'rule')}
        first={cursor === null ? null : here}
        next={next === null ? null : link(next)}
      />
    </Panel>
  )
}

const Item = ({ item, rules }: { item: BulkItem; rules: string }) => {
  const [label, tone] = RESULTS[item.result]
  return (
    <li>
      {tone === undefined ? <Badge>{label}</Badge> : <Badge tone={tone}>{label}</Badge>}
      <span class="grow break">
        <a href={`${rules}/${item.ruleId}`} dir="auto">
          {clip(item.title, 300)}
        </a>
        {item.message !== null && (
          <>
            <br />
            <span class="muted" dir="auto">
              {item.message}
            </span>
          </>
        )}
      </span>
      {item.before !== null && item.after !== null && (
        <a class="small" href={versionsLink(item, rules)}>
          {sayRevisions(item.before, item.after)}
        </a>
      )}
    </li>
  )
}

const numberOf = (revision: string) => revision.split('-')[0]!

function versionsLink({ ruleId, before, after }: BulkItem, rules: string): string {
  const [from, to] = [numberOf(before!), numberOf(after!)]
  return from === to
    ? `${rules}/${ruleId}/versions`
    : `${rules}/${ruleId}/versions/${to}?from=${from}`
}

function sayRevisions(before: string, after: string): string {
  const [from, to] = [numberOf(before), numberOf(after)]
  return from === to ? `${before.split('-')[1]} → ${after.split('-')[1]}` : `v${from} → v${to}`
}
