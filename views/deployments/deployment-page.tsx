// One deployment while it runs and afterwards: its steps, what became of each item, what a person has to
// decide, and the way back.

import type { Deployment, DeploymentItem } from '#domain/deployments/deployment.ts'
import type { Actor } from '#kernel/actor.ts'
import { KIND_NAMES } from '#kernel/siem.ts'
import { ACTION_WORDS } from '#views/changes/words.tsx'
import { describeActor } from '#views/parts/actor.tsx'
import { Badge } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { clip, count, formatSpan } from '#views/parts/format.ts'
import { hxLive } from '#views/parts/hx.tsx'
import { Notice } from '#views/parts/notice.tsx'
import { Head, Panel } from '#views/parts/panel.tsx'
import { CellLabel, Pager, Table } from '#views/parts/table.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'
import { countsInWords, Steps } from './progress.tsx'
import { DeploymentStateBadge, ItemStateMark, kindOfRun } from './words.tsx'

export interface DeploymentPageProps {
  /** `/w/acme/deployments/dep_…`. */
  readonly path: string
  /** `/w/acme`. */
  readonly home: string
  readonly deployment: Deployment
  /** Those of this page, by target. */
  readonly items: readonly DeploymentItem[]
  /** Items that a person has to decide about, whatever the page. */
  readonly unknown: readonly DeploymentItem[]
  readonly itemCount: number
  readonly offset: number
  readonly names: ReadonlyMap<Actor, string>
  readonly isOver: boolean
  readonly may: { readonly run: boolean }
}

export const DeploymentPage = (props: DeploymentPageProps) => {
  const { deployment, path, home, isOver, items, names } = props
  const live = isOver
    ? {}
    : hxLive(path, [
        `deployment-${deployment.id}`,
        ...(deployment.jobId === null ? [] : [`job-${deployment.jobId}`]),
      ])
  return (
    <div id="deployment" {...live}>
      <Head
        title={deployment.changeTitle}
        badge={<DeploymentStateBadge of={deployment.state} />}
        actions={<Acts {...props} />}
        meta={[
          kindOfRun(deployment),
          <>
            from <a href={`${home}/changes/${deployment.changeId}`}>its change</a>
          </>,
          <>
            <bdi>{describeActor(deployment.startedBy, names)}</bdi> started it{' '}
            <Time at={deployment.startedAt} />
          </>,
          ...(deployment.endedAt === null
            ? []
            : [`took ${formatSpan(deployment.endedAt - deployment.startedAt)}`]),
          countsInWords(deployment),
        ]}
      />
      <div class="stack">
        <Told {...props} />
        <Steps of={deployment} />
        {props.unknown.map((item) => (
          <Undecided {...props} item={item} />
        ))}
        {byTarget(items).map(([targetId, ofTarget]) => (
          <OnTarget {...props} targetId={targetId} ofTarget={ofTarget} />
        ))}
        <More {...props} />
      </div>
    </div>
  )
}

const Told = ({ deployment, isOver }: DeploymentPageProps) => {
  const { state, reason, isDryRun } = deployment
  if (isDryRun && isOver && state === 'deployed') {
    return (
      <Notice tone="accent" title="This was a dry run.">
        Targets were read and nothing was written.
      </Notice>
    )
  }
  if (reason === null) return null
  const tone = state === 'failed' ? 'bad' : state === 'waiting_window' ? 'accent' : 'warn'
  return <Notice tone={tone} title={reason} />
}

const Acts = ({ deployment, path, isOver, may }: DeploymentPageProps) => {
  if (!may.run) return null
  if (!isOver) {
    return (
      <form method="post" action={`${path}/cancel`} class="inline">
        <Button kind="danger" disabled={deployment.isCancelled}>
          {deployment.isCancelled ? 'Going back' : 'Stop and go back'}
        </Button>
      </form>
    )
  }
  const written = deployment.counts.done
  if (deployment.isDryRun || deployment.state !== 'deployed' || written === 0) return null
  return (
    <Confirm
      id="roll-back"
      opener="Roll back"
      openerIcon="history"
      question="Roll back this deployment?"
      consequence={`What stood before is written again for ${count(
        written,
        'item',
      )}, and what was added is removed. Bodies that nobody signed are not written back: for those a change is made.`}
      keep="Keep it"
      verb={`Roll back ${count(written, 'item')}`}
      path={`${path}/rollback`}
    />
  )
}

function byTarget(items: readonly DeploymentItem[]) {
  const groups = new Map<string, DeploymentItem[]>()
  for (const item of items) {
    groups.set(item.targetId, [...(groups.get(item.targetId) ?? []), item])
  }
  return [...groups]
}

const COLUMNS = [
  { label: 'Rule' },
  { label: 'State' },
  { label: 'Action' },
  { label: 'Version' },
  { label: 'Read back' },
  { label: 'Details', isLabelHidden: true },
]

interface OnTargetProps extends DeploymentPageProps {
  readonly targetId: string
  readonly ofTarget: readonly DeploymentItem[]
}

const OnTarget = (props: OnTargetProps) => {
  const { targetId, ofTarget } = props
  const [first] = ofTarget
  const over = ofTarget.filter(({ state }) => state === 'done' || state === 'same').length
  const total = ofTarget.length
  return (
    <Panel
      title={first!.targetName}
      id={targetId}
      sub={`${KIND_NAMES[first!.kind]}, ${count(total, 'item')}`}
      action={
        <span class="row-s row-1">
          <progress
            class="pr-s"
            data-tone={over === total ? 'ok' : undefined}
            max={total}
            value={over}
            aria-label={`${over} of ${total} verified on ${first!.targetName}`}
          />
          <span class="small muted nowrap">
            {over} of {total} verified
          </span>
        </span>
      }
    >
      <Table label={`Items on ${first!.targetName}`} columns={COLUMNS} isStacked>
        {ofTarget.map((item) => (
          <Line {...props} item={item} />
        ))}
      </Table>
    </Panel>
  )
}

const Line = ({ item, path, home, deployment }: OnTargetProps & { item: DeploymentItem }) => (
  <tr>
    <th scope="row" class="wrap">
      <a href={`${home}/rules/${item.ruleId}/deployed`} class="break">
        <Foreign text={clip(item.ruleTitle, 200)} />
      </a>
      {item.reason !== null && (
        <p class="muted small break" dir="auto">
          {clip(item.reason, 500)}
        </p>
      )}
    </th>
    <td>
      <ItemStateMark of={item.state} isDryRun={deployment.isDryRun} />
    </td>
    <td>{ACTION_WORDS[item.action]}</td>
    <td class="mono">
      <CellLabel>Version</CellLabel>
      {item.version === null ? '–' : `v${item.version}`}
      {!item.isSigned && <Badge tone="unknown">not signed</Badge>}
    </td>
    <td class="nowrap muted">{item.verifiedAt === null ? '–' : <Time at={item.verifiedAt} />}</td>
    <td class="num">
      <LinkButton size="s" href={`${path}/items/${item.number}`}>
        Bytes
        <span class="vh"> of {clip(item.ruleTitle, 80)}</span>
      </LinkButton>
    </td>
  </tr>
)

/** Nobody but a person can say what stands there: the product does not guess. */
const Undecided = ({ item, path, may }: DeploymentPageProps & { item: DeploymentItem }) => (
  <Notice
    tone="unknown"
    title={`${clip(item.ruleTitle, 120)} on ${item.targetName} is unknown.`}
    actions={may.run && <Decide path={path} item={item} />}
  >
    {item.reason ?? 'The answer to the write never came.'} Look at the target, then say what stands
    there; Rulewright does not guess.
  </Notice>
)

const Decide = ({ path, item }: { path: string; item: DeploymentItem }) => (
  <form method="post" action={`${path}/items/${item.number}/resolve`} class="row">
    <Button size="s" name="verdict" value="written">
      It was written
    </Button>
    <Button size="s" name="verdict" value="not_written">
      It was not written
    </Button>
  </form>
)

const More = ({ items, itemCount, offset, path }: DeploymentPageProps) => {
  const last = offset + items.length
  if (itemCount <= items.length) return null
  return (
    <div class="panel">
      <Pager
        words={['First', 'Next']}
        shown={`${offset + 1} to ${last} of ${count(itemCount, 'item')}`}
        first={offset === 0 ? null : path}
        next={last < itemCount ? `${path}?from=${last + 1}` : null}
      />
    </div>
  )
}
