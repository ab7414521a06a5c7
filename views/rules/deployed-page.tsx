// Where a rule stands: on each target what is to stand there, since when, and how it was when it was
// last looked at.

import type { NamedPlacement } from '#domain/placements/placement.ts'
import { KIND_NAMES } from '#kernel/siem.ts'
import { PlacementWord } from '#views/deployments/words.tsx'
import { Badge } from '#views/parts/badge.tsx'
import { LinkButton } from '#views/parts/button.tsx'
import { count } from '#views/parts/format.ts'
import { Icon } from '#views/parts/icon.tsx'
import { Empty } from '#views/parts/notice.tsx'
import { Facts, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Foreign, NumberedCode, Time } from '#views/parts/text.tsx'
import { RuleHead, type RuleHeadProps } from './rule-head.tsx'

export interface DeployedPageProps extends RuleHeadProps {
  readonly placements: readonly NamedPlacement[]
  /** `/w/acme/targets`. */
  readonly targets: string
}

export const DeployedPage = (props: DeployedPageProps) => {
  const { placements, rule } = props
  return (
    <>
      <RuleHead {...props} />
      {placements.length === 0 ? (
        <section class="panel" aria-label="Where it stands">
          <Empty
            icon="crosshair"
            title="It stands nowhere yet"
            actions={<LinkButton href={props.targets}>Targets</LinkButton>}
          >
            A rule reaches a target by a change: it says what would be written, others sign it, and
            what was written is read back.
          </Empty>
        </section>
      ) : (
        <div class="stack">
          {placements.map((placement) => (
            <Placed {...props} placement={placement} newest={rule.version} />
          ))}
        </div>
      )}
    </>
  )
}

interface PlacedProps extends DeployedPageProps {
  readonly placement: NamedPlacement
  readonly newest: number
}

const Placed = ({ placement, newest, path, targets }: PlacedProps) => {
  const { targetId, targetName, kind, state, version, ownership, soakUntil } = placement
  const behind = newest - version
  return (
    <Panel
      title={targetName}
      id={targetId}
      sub={<a href={`${targets}/${targetId}`}>{KIND_NAMES[kind]}</a>}
      action={
        <span class="row-s">
          {ownership === 'observe' && <Badge icon="lock">observed</Badge>}
          <PlacementWord of={state} />
        </span>
      }
    >
      <PanelBody>
        <Facts
          facts={[
            [
              'Version',
              <>
                {version}
                {behind > 0 && (
                  <>
                    {', '}
                    <a href={`${path}/versions/${newest}?from=${version}`}>
                      {count(behind, 'version')} behind the newest
                    </a>
                  </>
                )}
              </>,
            ],
            [
              placement.origin === 'baseline' ? 'Adopted' : 'Deployed',
              <>
                <Time at={placement.since} />
                {placement.isSigned ? ', signed' : ', not signed'}
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
    </Panel>
  )
}
