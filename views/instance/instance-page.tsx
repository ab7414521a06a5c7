// The instance, for its owner: how it is, and the settings in force with where each came from.

import type { Instant } from '#kernel/time.ts'
import type { AttackStatus } from '#domain/instance/attack-actions.ts'
import type { ShownSetting } from '#platform/config/describe.ts'
import { Badge, State } from '#views/parts/badge.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { count, formatNumber } from '#views/parts/format.ts'
import { Facts, Figures, Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Table } from '#views/parts/table.tsx'
import { Time } from '#views/parts/text.tsx'
import type { InstanceState } from '#views/shell/frame.ts'
import { AttackPanel } from './attack-panel.tsx'
import { BackupsPanel, type BackupsShown } from './backups-panel.tsx'
import { SignOnDomains, type ShownDomain } from './sign-on-domains.tsx'

export interface InstanceShown {
  /** That wait for an owner. */
  readonly domains: readonly ShownDomain[]
  readonly state: InstanceState
  readonly installId: string
  readonly dataDir: string
  readonly settingsFile: string | null
  readonly isSecretApart: boolean
  readonly settings: readonly ShownSetting[]
  readonly backups: BackupsShown
  readonly attack: AttackStatus
  readonly mayResetAttack: boolean
  readonly workspaceCount: number
  readonly runningCount: number
  readonly audit: {
    readonly count: number
    readonly checkpoint: { readonly size: number; readonly at: number } | null
  }
}

export const InstancePage = ({ shown }: { shown: InstanceShown }) => (
  <>
    <Head
      title="Instance"
      badge={<StateBadge state={shown.state} />}
      meta={[`Rulewright ${shown.state.version}`, 'Only its owner sees this page']}
    />
    <div class="stack">
      <InstanceFigures shown={shown} />
      {shown.state.heldReason !== null && <Release />}
      <div class="split">
        <div class="stack">
          <BackupsPanel shown={shown.backups} />
          {shown.domains.length > 0 && <SignOnDomains domains={shown.domains} />}
          <Settings settings={shown.settings} />
        </div>
        <About shown={shown} />
      </div>
    </div>
  </>
)

const Release = () => (
  <div class="row">
    <Confirm
      id="release"
      opener="Release the instance"
      question="Release this instance?"
      consequence="Schedules run again and targets may be written. Look first at what happened since the backup was made: it is not in here."
      keep="Keep it held"
      verb="Release it"
      path="/instance/release"
    />
  </div>
)

const StateBadge = ({ state }: { state: InstanceState }) => {
  if (state.isAuditBroken) return <Badge tone="bad">Audit log broken</Badge>
  if (state.isReadOnly) return <Badge tone="bad">Reads only</Badge>
  if (state.heldReason !== null) return <Badge tone="warn">Held</Badge>
  return <Badge tone="ok">Serving</Badge>
}

const InstanceFigures = ({ shown }: { shown: InstanceShown }) => (
  <Figures
    label="The instance in numbers"
    figures={[
      { label: 'Workspaces', value: formatNumber(shown.workspaceCount) },
      {
        label: 'Jobs running',
        value: formatNumber(shown.runningCount),
        note: 'of the instance itself',
        href: '/instance/jobs',
      },
      {
        label: 'Audit entries',
        value: formatNumber(shown.audit.count),
        note: 'about the instance itself',
        href: '/instance/audit',
      },
      {
        label: 'Confirmed by a checkpoint',
        value: formatNumber(shown.audit.checkpoint?.size ?? 0),
        unit: shown.audit.checkpoint?.size === 1 ? 'entry of the log' : 'entries of the log',
        note:
          shown.audit.checkpoint === null ? (
            'none is signed yet'
          ) : (
            <Time at={shown.audit.checkpoint.at as Instant} />
          ),
      },
    ]}
  />
)

const About = ({ shown }: { shown: InstanceShown }) => (
  <div class="stack">
    <Panel title="This install" id="install">
      <PanelBody>
        <Facts
          facts={[
            ['Version', shown.state.version],
            ['Storage', <StorageState isReadOnly={shown.state.isReadOnly} />],
            ['Data directory', <span class="mono">{shown.dataDir}</span>],
            ['Settings file', <span class="mono">{shown.settingsFile ?? 'none'}</span>],
            ['Install id', <span class="mono">{shown.installId}</span>],
          ]}
        />
      </PanelBody>
    </Panel>
    <AttackPanel status={shown.attack} mayReset={shown.mayResetAttack} />
    <Panel title="Master secret" id="secret">
      <PanelBody>
        <p>
          <State of={shown.isSecretApart ? 'live' : 'drifted'}>
            {shown.isSecretApart ? 'Kept apart from the data' : 'Beside the data it protects'}
          </State>
        </p>
        <p class="muted small">
          {shown.isSecretApart
            ? 'A stolen data directory or backup stays sealed.'
            : 'Whoever copies the data directory can open it. Set master_secret_file to a file elsewhere before anything real is stored.'}
        </p>
      </PanelBody>
    </Panel>
  </div>
)

const StorageState = ({ isReadOnly }: { isReadOnly: boolean }) => (
  <State of={isReadOnly ? 'missing' : 'live'}>
    {isReadOnly ? 'takes no writes' : 'takes writes'}
  </State>
)

const ORIGINS = {
  flag: 'flag',
  environment: 'environment',
  file: 'settings file',
  default: 'default',
} as const

const COLUMNS = [{ label: 'Setting' }, { label: 'Value' }, { label: 'From' }]

const Settings = ({ settings }: { settings: readonly ShownSetting[] }) => (
  <Panel
    title="Settings in force"
    id="settings"
    sub={count(settings.length, 'setting')}
    foot="Read at start. Values of secrets are never shown."
  >
    <Table label="Settings with value and origin" columns={COLUMNS} isStacked>
      {settings.map((setting) => (
        <tr>
          <th scope="row" title={setting.about}>
            <code class="nowrap">
              {setting.section === '' ? '' : `${setting.section}.`}
              {setting.key}
            </code>
          </th>
          <td>
            <span class="break">{setting.value}</span>
          </td>
          <td class={setting.origin === 'default' ? 'muted nowrap' : 'nowrap'}>
            {ORIGINS[setting.origin]}
          </td>
        </tr>
      ))}
    </Table>
  </Panel>
)
