// The overview of a workspace: what needs a person, what to do first, what runs, how the instance is. It
// shows what there is and nothing that is not yet.

import type { Instant } from '#kernel/time.ts'
import { JobCard } from '#views/jobs/job-card.tsx'
import { State } from '#views/parts/badge.tsx'
import { count, formatNumber } from '#views/parts/format.ts'
import { hxLive } from '#views/parts/hx.tsx'
import {
  Facts,
  Figures,
  Head,
  Panel,
  PanelBody,
  type Fact,
  type Figure,
} from '#views/parts/panel.tsx'
import { Time } from '#views/parts/text.tsx'
import { Steps, stepsOf } from './first-steps.tsx'
import { Needs } from './needs.tsx'
import type { OverviewShown } from './overview.ts'

export const OverviewPage = ({ shown }: { shown: OverviewShown }) => {
  const steps = stepsOf(shown)
  const done = steps.filter((step) => step.isDone).length
  const isSetUp = done === steps.length
  const waiting = shown.needs.reduce((sum, group) => sum + group.count, 0)
  const isNew = waiting === 0 && !isSetUp
  return (
    <>
      <Head
        title={isNew ? `Set up ${shown.workspace.name}` : shown.workspace.name}
        meta={[
          waiting === 0 ? 'Nothing needs you' : `${count(waiting, 'thing')} to look at`,
          ...(isSetUp ? [] : [`${done} of ${steps.length} first steps done`]),
          `You are ${article(shown.role)} here`,
        ]}
      />
      <div class="split">
        <div class="stack">
          <Standing shown={shown} />
          <Needs groups={shown.needs} path={`/w/${shown.workspace.slug}`} />
          {!isSetUp && <Steps steps={steps} isMain={isNew} />}
          <OverviewJobs shown={shown} />
        </div>
        <div class="stack">
          <Instance shown={shown} />
          {!isSetUp && <GoodToKnow />}
        </div>
      </div>
    </>
  )
}

const Standing = ({ shown }: { shown: OverviewShown }) => {
  const figures = figuresOf(shown)
  return figures.length === 0 ? null : <Figures label="How it stands" figures={figures} />
}

function figuresOf({ workspace, rules, targets, needs, exclusionCount }: OverviewShown) {
  const path = `/w/${workspace.slug}`
  const figures: Figure[] = []
  if (rules !== undefined) {
    figures.push({
      label: 'Live rules',
      value: formatNumber(rules.active),
      note: `of ${formatNumber(rules.count)}`,
      href: `${path}/rules?state=active`,
    })
    const drifted = needs.find(({ kind }) => kind === 'drift')?.count ?? 0
    figures.push({
      label: 'Drifted',
      value: formatNumber(drifted),
      note: 'findings open',
      href: `${path}/drift`,
    })
  }
  if (rules !== undefined && exclusionCount !== undefined) {
    figures.push({
      label: 'Silenced here',
      value: formatNumber(rules.paused + exclusionCount),
      note: `${formatNumber(rules.paused)} paused, ${count(exclusionCount, 'exclusion')}`,
      href: `${path}/silenced`,
    })
  }
  if (targets !== undefined) {
    figures.push({
      label: 'Targets',
      value: formatNumber(targets.count),
      note: targets.unwell > 0 ? `${formatNumber(targets.unwell)} not well` : 'besides the sandbox',
      href: `${path}/targets`,
    })
  }
  return figures
}

export const OverviewJobs = ({ shown }: { shown: Pick<OverviewShown, 'workspace' | 'jobs'> }) => {
  const { jobs } = shown
  const path = `/w/${shown.workspace.slug}/jobs`
  const all = [...jobs.running, ...jobs.recent]
  return (
    <div id="overview-jobs" {...hxLive(`/w/${shown.workspace.slug}`, ['job'])}>
      <Panel title="Jobs" id="recent-jobs" action={<a href={path}>All jobs</a>}>
        {all.map((job) => (
          <JobCard job={job} path={path} mayCancel={jobs.mayCancel} place="list" />
        ))}
        {all.length === 0 && (
          <PanelBody>
            <p class="muted">
              Nothing has run yet. Long work shows here with its progress and goes on when the page
              is closed.
            </p>
          </PanelBody>
        )}
      </Panel>
    </div>
  )
}

const Instance = ({ shown }: { shown: OverviewShown }) => {
  const { state, audit } = shown
  const facts: Fact[] = [
    [
      'Storage',
      <State of={state.isReadOnly ? 'missing' : 'live'}>
        {state.isReadOnly ? 'takes no writes' : 'takes writes'}
      </State>,
    ],
    [
      'Audit log',
      <State of={state.isAuditBroken ? 'missing' : 'live'}>
        {state.isAuditBroken ? 'broken' : 'chain unbroken'}
      </State>,
    ],
  ]
  if (audit !== null) {
    const href = `/w/${shown.workspace.slug}/audit`
    facts.push(['Entries here', <a href={href}>{formatNumber(audit.count)}</a>])
    if (audit.checkpoint !== null) {
      facts.push(['Last checkpoint', <Time at={audit.checkpoint.at as Instant} />])
    }
  }
  if (shown.lastBackupAt) facts.push(['Last backup', <Time at={shown.lastBackupAt} />])
  facts.push(['Version', state.version])
  return (
    <Panel
      title="This instance"
      id="instance-state"
      action={shown.isOwner ? <a href="/instance">Details</a> : undefined}
    >
      <PanelBody>
        <Facts facts={facts} />
      </PanelBody>
    </Panel>
  )
}

const GoodToKnow = () => (
  <Panel title="Good to know" id="good-to-know">
    <div class="panel-body prose">
      <p>
        <b>Nothing leaves this server</b> unless you name a place for it to go.
      </p>
      <p>
        <b>What to back up:</b> the data directory, and the master secret kept apart from it.
      </p>
      <p>
        <b>The keyboard reaches everything:</b> <kbd class="kbd">?</kbd> lists the keys of a page.
      </p>
    </div>
  </Panel>
)

const article = (role: string): string => (/^[aeiou]/.test(role) ? `an ${role}` : `a ${role}`)
