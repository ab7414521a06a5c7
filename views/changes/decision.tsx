// The one thing that whoever looks can do next with a change, and what stands in the way of it.

import type { Deployment } from '#domain/deployments/deployment.ts'
import { DeploymentStateBadge } from '#views/deployments/words.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Panel, PanelBody } from '#views/parts/panel.tsx'
import { Time } from '#views/parts/text.tsx'
import type { ChangePageProps } from './change-page.tsx'
import { problemsOf, stops } from './checks.tsx'
import { moreWords, SignForms } from './sign-forms.tsx'

export const Decision = (props: ChangePageProps) => {
  const { change } = props.whole
  switch (change.state) {
    case 'draft':
    case 'changes_requested':
      return <Submit {...props} />
    case 'in_review':
      return <Review {...props} />
    case 'approved':
      return <Deploy {...props} />
    case 'deploying':
    case 'deployed':
    case 'failed':
    case 'rolled_back':
      return <Watch {...props} />
    case 'rejected':
    case 'withdrawn':
    case 'expired':
      return <Over {...props} />
  }
}

const Submit = (props: ChangePageProps) => {
  const { may, whole } = props
  const { change, items } = whole
  const open = problemsOf(items).filter(stops).length
  if (!may.write) {
    return (
      <Panel title="What is next" id="decision">
        <PanelBody>
          <p class="muted">It is being written. An engineer or an admin asks for review.</p>
        </PanelBody>
      </Panel>
    )
  }
  return (
    <Panel title="What is next" id="decision">
      <PanelBody>
        <p class="muted">
          {open > 0
            ? 'Problems stop it. Mend the rules, run the tests that are missing, or let problems pass by name where that may be; then render it again.'
            : change.policy.review
              ? 'Whoever signs sees exactly what would be written.'
              : 'Review is off in this workspace: nobody has to sign it, and that is written down.'}
        </p>
        {open === 0 && (
          <Act {...props} to="submit">
            <Button kind="primary" class="btn-block" size="big" data-keys="s">
              {change.policy.review ? 'Ask for review' : 'Make it ready'}
            </Button>
          </Act>
        )}
        <Act {...props} to="refresh">
          <Button kind={open > 0 ? 'primary' : 'plain'} class="btn-block">
            Render again
          </Button>
        </Act>
      </PanelBody>
    </Panel>
  )
}

const Act = (props: ChangePageProps & { to: string; children?: unknown }) => (
  <form method="post" action={`${props.path}/${props.to}`}>
    <input type="hidden" name="version" value={props.whole.change.version} />
    {props.children}
  </form>
)

const Review = (props: ChangePageProps) => {
  const { signing, whole } = props
  const left = whole.change.signaturesNeeded - whole.change.signatureCount
  return (
    <Panel title="Your decision" id="decision">
      <PanelBody>
        {signing.hasSigned ? (
          <p class="muted">You have signed. {moreWords(left)}</p>
        ) : signing.whyNot === null ? (
          <SignForms {...props} left={left} />
        ) : (
          <p class="muted">
            {signing.whyNot === undefined
              ? 'You do not sign changes here.'
              : `You cannot sign it: ${signing.whyNot}`}{' '}
            {moreWords(left)}
          </p>
        )}
      </PanelBody>
    </Panel>
  )
}

const Deploy = (props: ChangePageProps) => {
  const { path, may, whole, deployments } = props
  const { change } = whole
  return (
    <Panel title="Ready to deploy" id="decision">
      <PanelBody>
        <p class="muted">
          {change.signaturesNeeded === 0
            ? 'Nobody had to sign it: review is off in this workspace.'
            : 'It is signed. What is written is compared with what was signed, byte by byte.'}
        </p>
        {may.deploy ? (
          <>
            <Act {...props} to="deploy">
              <Button kind="primary" size="big" class="btn-block" icon="rocket">
                Deploy
              </Button>
            </Act>
            <div class="twin">
              <LinkButton href={`${path}/plan`}>Plan</LinkButton>
              <Act {...props} to="deploy">
                <input type="hidden" name="dry" value="1" />
                <Button class="btn-block">Dry run</Button>
              </Act>
            </div>
          </>
        ) : (
          <p class="muted">An engineer or an admin deploys it.</p>
        )}
      </PanelBody>
      <Runs {...props} deployments={deployments} />
    </Panel>
  )
}

const Watch = (props: ChangePageProps) => {
  const { deployments, whole, may } = props
  const [newest] = deployments
  const path = `${props.home}/deployments`
  return (
    <Panel
      title={whole.change.state === 'deploying' ? 'It is being deployed' : 'Deployed'}
      id="decision"
    >
      <PanelBody>
        {newest === undefined ? (
          <p class="muted">Its deployment is not here any more.</p>
        ) : (
          <>
            <p class="row-s">
              <DeploymentStateBadge of={newest.state} />
              <Time at={newest.endedAt ?? newest.startedAt} class="muted" />
            </p>
            {newest.reason !== null && <p class="break">{newest.reason}</p>}
            <LinkButton
              kind={whole.change.state === 'deploying' ? 'primary' : 'plain'}
              href={`${path}/${newest.id}`}
              data-keys="d"
            >
              {whole.change.state === 'deploying' ? 'Watch the deployment' : 'Show the deployment'}
            </LinkButton>
          </>
        )}
        {whole.change.state === 'failed' && may.deploy && (
          <Act {...props} to="deploy">
            <Button class="btn-block">Deploy again</Button>
          </Act>
        )}
      </PanelBody>
      <Runs {...props} deployments={deployments.slice(1)} />
    </Panel>
  )
}

const RUNS_SHOWN = 5

const Runs = (props: ChangePageProps & { deployments: readonly Deployment[] }) =>
  props.deployments.length === 0 ? null : (
    <ul class="mini">
      {props.deployments.slice(0, RUNS_SHOWN).map((one) => (
        <li>
          <DeploymentStateBadge of={one.state} />
          <a href={`${props.home}/deployments/${one.id}`}>
            {one.isDryRun ? 'Dry run' : one.kind === 'rollback' ? 'Rollback' : 'Deployment'}
          </a>
          <Time at={one.startedAt} class="muted small push" />
        </li>
      ))}
    </ul>
  )

const OVER = {
  rejected: 'It was rejected. Make another change with what was learnt.',
  withdrawn: 'It was withdrawn, and nothing of it was written.',
  expired: 'Nobody used the approval in its time. Make it a draft to ask again.',
} as const

const Over = (props: ChangePageProps) => {
  const { state } = props.whole.change
  const words = OVER[state as keyof typeof OVER]
  return (
    <Panel title="It is over" id="decision">
      <PanelBody>
        <p class="muted">{words}</p>
        {state === 'expired' && props.may.write && (
          <Act {...props} to="refresh">
            <Button kind="primary" class="btn-block">
              Make it a draft again
            </Button>
          </Act>
        )}
      </PanelBody>
    </Panel>
  )
}
