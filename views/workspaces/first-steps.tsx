// What to do first in a new workspace, each step with its way; what is done stays ticked until all is.

import type { Child } from 'hono/jsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { count, formatNumber } from '#views/parts/format.ts'
import { Icon } from '#views/parts/icon.tsx'
import type { OverviewShown } from './overview.ts'

export interface Step {
  readonly title: string
  readonly text: string
  readonly isDone: boolean
  /** The one that is next is the page's main one. */
  readonly action?: (kind?: 'primary') => Child
}

export function stepsOf(shown: OverviewShown): readonly Step[] {
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
export const Steps = ({ steps, isMain }: { steps: readonly Step[]; isMain: boolean }) => {
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
