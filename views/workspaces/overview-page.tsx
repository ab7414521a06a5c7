// The overview of a workspace: what needs a person, what to do first, what runs, how the instance is. It
// shows what there is and nothing that is not yet.

import type { Child } from 'hono/jsx'
import type { NeedGroup } from '#domain/health/needs.ts'
import type { Instant } from '#kernel/time.ts'
import { JobCard } from '#views/jobs/job-card.tsx'
import { State } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { count, formatNumber } from '#views/parts/format.ts'
import { hxLive } from '#views/parts/hx.tsx'
import { Icon } from '#views/parts/icon.tsx'
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
import type { InstanceState, RunningJobs } from '#views/shell/frame.ts'
import { Needs } from './needs.tsx'

export interface OverviewShown {
  readonly workspace: { readonly slug: string; readonly name: string }
  readonly role: string
  readonly isOwner: boolean
  readonly hasSecondFactor: boolean
  /** Undefined for who may not know. */
  readonly memberCount: number | undefined
  readonly isSecretApart: boolean
  /** When the last backup was made; null for none, undefined for who may not know. */
  readonly lastBackupAt: Instant | null | undefined
  /** As far as whoever looks may know. */
  readonly needs: readonly NeedGroup[]
  /** In force; undefined for who may not know. */
  readonly exclusionCount: number | undefined
  /** Of this workspace; undefined for who may not know. */
  readonly rules:
    | {
        readonly count: number
        /** That stand on a target and run there. */
        readonly active: number
        readonly paused: number
        /** With errors. */
        readonly broken: number
        /** Whose tests never ran. */
        readonly untested: number
        readonly mayWrite: boolean
      }
    | undefined
  /** Ever opened; undefined for who may not know. */
  readonly changes: { readonly count: number; readonly mayWrite: boolean } | undefined
  /** Besides the sandbox; undefined for who may not know. */
  readonly targets:
    | {
        readonly count: number
        /** Checked, and not fine. */
        readonly unwell: number
        readonly mayWrite: boolean
      }
    | undefined
  readonly state: InstanceState
  readonly jobs: RunningJobs
  /** Null for who may not read the log. */
  readonly audit: {
    readonly count: number
    readonly checkpoint: { readonly at: number } | null
  } | null
}

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

interface Step {
  readonly title: string
  readonly text: string
  readonly isDone: boolean
  /** The one that is next is the page's main one. */
  readonly action?: (kind?: 'primary') => Child
}

function stepsOf(shown: OverviewShown): readonly Step[] {
  const steps: Step[] = [
    {
      title: 'Workspace created',
      text: 'Rules, targets, jobs and the audit log of this workspace are walled off from every other one.',
      isDone: true,
    },
  ]
  steps.push(...targetSteps(shown), ...ruleSteps(shown), ...changeSteps(shown))
  steps.push({
    title: 'Add a second factor to your account',
    text: 'A passkey or an authenticator app: then a password alone, guessed or stolen, opens nothing.',
    isDone: shown.hasSecondFactor,
    action: (kind) => (
      <LinkButton kind={kind} href="/account/security">
        Add one
      </LinkButton>
    ),
  })
  if (shown.memberCount !== undefined) {
    steps.push({
      title: 'Invite a second person',
      text: 'Nobody should sign what they wrote themselves. You get a link to hand over.',
      isDone: shown.memberCount > 1,
      action: (kind) => (
        <LinkButton kind={kind} href={`/w/${shown.workspace.slug}/settings/members`}>
          Invite somebody
        </LinkButton>
      ),
    })
  }
  if (shown.isOwner) {
    steps.push({
      title: 'Keep the master secret apart',
      text: 'It opens everything that is sealed here. Beside the data it protects little: move it to a file elsewhere and name that in master_secret_file.',
      isDone: shown.isSecretApart,
      action: (kind) => (
        <LinkButton kind={kind} href="/instance#secret">
          See the instance
        </LinkButton>
      ),
    })
  }
  if (shown.lastBackupAt !== undefined) {
    steps.push({
      title: 'Make the first backup',
      text: 'Encrypted, and proven by a trial restore before it counts. The schedule makes more.',
      isDone: shown.lastBackupAt !== null,
      action: (kind) => <BackUpNow kind={kind} />,
    })
  }
  return steps
}

function targetSteps({ targets, workspace }: OverviewShown): readonly Step[] {
  if (targets === undefined) return []
  const path = `/w/${workspace.slug}/targets`
  const { count: all, unwell, mayWrite } = targets
  const add: Step = {
    title: 'Add a target, read-only',
    text: 'A SIEM to ask and to compile for. Nothing is written on it while it is read-only. Without one, the sandbox takes events of yours.',
    isDone: all > 0,
    ...(mayWrite && {
      action: (kind) => (
        <>
          <LinkButton kind={kind} href={`${path}/new`}>
            Add a target
          </LinkButton>
          <LinkButton href={`/w/${workspace.slug}/events`}>Use the sandbox</LinkButton>
        </>
      ),
    }),
  }
  if (unwell === 0) return [add]
  return [
    add,
    {
      title: 'See what is wrong with a target',
      text: `Not as it should be: ${count(unwell, 'target')} of ${formatNumber(all)}. Each says why.`,
      isDone: false,
      action: (kind) => (
        <LinkButton kind={kind} href={path}>
          Show targets
        </LinkButton>
      ),
    },
  ]
}

function ruleSteps({ rules, workspace }: OverviewShown): readonly Step[] {
  if (rules === undefined) return []
  const path = `/w/${workspace.slug}/rules`
  const { count: all, broken, untested, mayWrite } = rules
  return [
    {
      title: 'Bring your rules',
      text: 'From a folder, a repository or another product; or begin with rules of our own. Each is checked and compiled for every kind of target.',
      isDone: all > 0,
      ...(mayWrite && { action: (kind) => <BringRules path={path} kind={kind} /> }),
    },
    {
      title: 'See what is broken',
      text:
        broken > 0
          ? `${count(broken, 'rule')} of ${formatNumber(all)} cannot work as written. Each says why.`
          : 'Rules that cannot work as written say why, with the place in their text.',
      isDone: all > 0 && broken === 0,
      ...(broken > 0 && {
        action: (kind) => (
          <LinkButton kind={kind} href={`${path}?problems=errors`}>
            Show what is broken
          </LinkButton>
        ),
      }),
    },
    {
      title: 'Run the tests',
      text: 'Rules carry events that they must find and events that they must leave alone. They run here, without any target.',
      isDone: all > 0 && untested < all,
      ...(all > 0 && {
        action: (kind) => (
          <LinkButton kind={kind} href={`${path}?tests=not_run`}>
            Rules not run yet
          </LinkButton>
        ),
      }),
    },
  ]
}

function changeSteps({ changes, workspace }: OverviewShown): readonly Step[] {
  if (changes === undefined) return []
  return [
    {
      title: 'Open the first change',
      text: 'It shows what would be written on which target, others sign it, and it is deployed and read back. The sandbox takes rules, too.',
      isDone: changes.count > 0,
      ...(changes.mayWrite && {
        action: (kind) => (
          <LinkButton kind={kind} href={`/w/${workspace.slug}/changes/new`}>
            New change
          </LinkButton>
        ),
      }),
    },
  ]
}

const BringRules = ({ path, kind }: { path: string; kind: 'primary' | undefined }) => (
  <>
    <LinkButton kind={kind} href={`${path}/imports`}>
      Import rules
    </LinkButton>
    <form method="post" action={`${path}/starter`} class="inline">
      <Button>Add starter rules</Button>
    </form>
    <LinkButton href={`${path}/new`}>Write the first rule</LinkButton>
  </>
)

const BackUpNow = ({ kind }: { kind: 'primary' | undefined }) => (
  <form method="post" action="/instance/backups">
    <Button kind={kind} icon="archive">
      Back up now
    </Button>
  </form>
)

/** While something waits for a person, only what is left is shown, and no step is the main thing. */
const Steps = ({ steps, isMain }: { steps: readonly Step[]; isMain: boolean }) => {
  const current = steps.findIndex((step) => !step.isDone)
  return (
    <section class="panel" aria-label="First steps">
      <ol class="steps">
        {steps.map(
          (step, index) =>
            (isMain || !step.isDone) && (
              <li class="step" aria-current={index === current ? 'step' : undefined}>
                <StepMark number={index + 1} step={step} isCurrent={index === current} />
                <div>
                  <h2>
                    {step.title}
                    {step.isDone && <span class="vh"> (done)</span>}
                  </h2>
                  <p class="muted">{step.text}</p>
                  {!step.isDone && step.action && (
                    <div class="row">
                      {step.action(isMain && index === current ? 'primary' : undefined)}
                    </div>
                  )}
                </div>
              </li>
            ),
        )}
      </ol>
    </section>
  )
}

const StepMark = (props: { number: number; step: Step; isCurrent: boolean }) => {
  const waiting = props.isCurrent ? 'accent' : 'unknown'
  return (
    <span class="step-mark" data-tone={props.step.isDone ? 'ok' : waiting}>
      {props.step.isDone ? <Icon name="check" size="s" /> : props.number}
    </span>
  )
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
