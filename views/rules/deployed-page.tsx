// Where a rule stands: on each target what is to stand there, since when, and how it was when it was
// last looked at.

import type { NamedPlacement } from '#domain/placements/placement.ts'
import { KIND_NAMES } from '#kernel/siem.ts'
import { PlacementWord } from '#views/deployments/words.tsx'
import { Badge } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Select } from '#views/parts/field.tsx'
import { count } from '#views/parts/format.ts'
import { Icon } from '#views/parts/icon.tsx'
import { Empty } from '#views/parts/notice.tsx'
import { Facts, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Foreign, NumberedCode, Time } from '#views/parts/text.tsx'
import { RuleHead, type RuleHeadProps } from './rule-head.tsx'

export interface Standing {
  readonly placement: NamedPlacement
  /** `/w/acme/drift/dri_…`: what was found there; null where nothing is open. */
  readonly finding: string | null
  /** Versions that stood there, newest first, and can again. */
  readonly back: readonly number[]
}

export interface DeployedPageProps extends RuleHeadProps {
  readonly standing: readonly Standing[]
  /** `/w/acme/targets`. */
  readonly targets: string
  /** `/w/acme/deployments`; null for whoever may not see them. */
  readonly deployments: string | null
  /** Where one is made; null where nobody may, or nothing runs. */
  readonly hotfix: string | null
}

export const DeployedPage = (props: DeployedPageProps) => {
  const { standing, rule } = props
  return (
    <>
      <RuleHead
        {...props}
        actions={
          props.hotfix !== null && (
            <LinkButton icon="clock" href={props.hotfix}>
              Hotfix
            </LinkButton>
          )
        }
      />
      {standing.length === 0 ? (
        <section class="panel" aria-label="Where it stands">
          <Empty
            icon="crosshair"
            title="It stands nowhere yet"
            actions={
              props.deploy === null ? (
                <LinkButton href={props.targets}>Targets</LinkButton>
              ) : (
                <LinkButton kind="primary" icon="rocket" href={props.deploy}>
                  Deploy
                </LinkButton>
              )
            }
          >
            A rule reaches a target by a change: it says what would be written, others sign it, and
            what was written is read back.
          </Empty>
        </section>
      ) : (
        <div class="stack">
          {standing.map((one) => (
            <Placed {...props} {...one} newest={rule.version} />
          ))}
        </div>
      )}
    </>
  )
}

interface PlacedProps extends DeployedPageProps, Standing {
  readonly newest: number
}

const Placed = (props: PlacedProps) => {
  const { placement, finding, newest, path, targets } = props
  const { targetId, targetName, kind, state, version, ownership, soakUntil } = placement
  return (
    <Panel
      title={targetName}
      id={targetId}
      sub={<a href={`${targets}/${targetId}`}>{KIND_NAMES[kind]}</a>}
      action={
        <span class="row-s">
          {ownership === 'observe' && <Badge icon="lock">observed</Badge>}
          <PlacementWord of={state} />
          {finding !== null && <a href={finding}>What drifted</a>}
        </span>
      }
    >
      <PanelBody>
        <Facts
          facts={[
            ['Version', <Version of={version} newest={newest} path={path} />],
            [
              placement.origin === 'baseline' ? 'Adopted' : 'Deployed',
              <>
                <Time at={placement.since} />
                {placement.isSigned ? ', signed' : ', not signed'}
                {placement.deploymentId !== null && props.deployments !== null && (
                  <>
                    {', '}
                    <a href={`${props.deployments}/${placement.deploymentId}`}>
                      by this deployment
                    </a>
                  </>
                )}
              </>,
            ],
            ['Last seen', <Time at={placement.checkedAt} />],
            ...(soakUntil === null
              ? []
              : [['Runs silently until', <Time at={soakUntil} />] as const]),
            ['Known there as', <Foreign class="mono break" text={placement.ref} />],
            ['Body', <span class="mono break">sha256 {placement.hash}</span>],
          ]}
        />
      </PanelBody>
      <details class="sent">
        <summary>
          <Icon name="chevron-down" size="s" /> What is to stand there
        </summary>
        <NumberedCode
          label={`What is to stand on ${targetName}`}
          text={JSON.stringify(placement.body, null, 2)}
          isWrapped
        />
      </details>
      <Acts {...props} />
    </Panel>
  )
}

const Version = (props: { of: number; newest: number; path: string }) => {
  const { of, newest, path } = props
  if (newest <= of) return <>{of}, the newest</>
  return (
    <>
      {of},{' '}
      <a href={`${path}/versions/${newest}?from=${of}`}>
        {count(newest - of, 'version')} behind the newest
      </a>
    </>
  )
}

/** Each is a change, but for going back to what was signed and stood there. */
const Acts = ({ placement, back, path, deploy, newest }: PlacedProps) => {
  const { targetId, targetName, state, ownership, version } = placement
  if (deploy === null) return null
  const at = `${deploy}&target=${targetId}`
  if (ownership === 'observe') {
    return (
      <div class="panel-foot">
        <LinkButton size="s" href={`${at}&act=adopt`}>
          Write it from here
        </LinkButton>
      </div>
    )
  }
  return (
    <div class="panel-foot">
      {version < newest && <LinkButton size="s" href={at}>{`Deploy version ${newest}`}</LinkButton>}
      {state === 'paused' ? (
        <LinkButton size="s" href={`${at}&act=resume`}>
          Resume
        </LinkButton>
      ) : (
        <LinkButton size="s" href={`${at}&act=pause`}>
          Pause
        </LinkButton>
      )}
      <LinkButton size="s" href={`${at}&act=remove`}>
        Remove
      </LinkButton>
      {back.length > 0 && (
        <form method="post" action={`${path}/deployed/rollback`} class="row-s push">
          <input type="hidden" name="on" value={targetId} />
          <label class="row-s">
            <span>Back to version</span>
            <Select
              class="input input-s"
              name="to"
              value={String(back.find((one) => one < version) ?? back[0])}
              options={back.map((one) => [String(one), String(one)] as const)}
            />
          </label>
          <Button size="s" icon="history">
            Roll back
            <span class="vh"> on {targetName}</span>
          </Button>
        </form>
      )}
    </div>
  )
}
