// Which version of MITRE ATT&CK rules are compared with, and the way back to the shipped one.

import type { AttackStatus } from '#domain/instance/attack-actions.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { formatNumber } from '#views/parts/format.ts'
import { Facts, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Time } from '#views/parts/text.tsx'

export const AttackPanel = ({ status, mayReset }: { status: AttackStatus; mayReset: boolean }) => (
  <Panel
    title="MITRE ATT&CK"
    id="attack"
    foot="© The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE Corporation."
  >
    <PanelBody>
      <Facts
        facts={[
          ['Version', status.version],
          ['Tactics', formatNumber(status.tacticCount)],
          ['Techniques', formatNumber(status.techniqueCount)],
          ['From', <Origin status={status} />],
        ]}
      />
      <p class="muted small">
        A newer version is imported on the command line: <code>rulewright attack import FILE</code>.
      </p>
      {status.imported !== undefined && mayReset && (
        <Confirm
          id="attack-reset"
          opener="Back to the shipped version"
          question={`Go back to ATT&CK ${status.shippedVersion}?`}
          consequence={`Rules are compared with the version that came with Rulewright again. Version ${status.version} has to be imported anew to come back.`}
          keep={`Keep ${status.version}`}
          verb="Go back"
          path="/instance/attack/reset"
        />
      )}
    </PanelBody>
  </Panel>
)

const Origin = ({ status: { imported, shippedVersion } }: { status: AttackStatus }) =>
  imported === undefined ? (
    <>shipped with Rulewright</>
  ) : (
    <>
      imported <Time at={imported.at} /> by {describeActor(imported.by)}; shipped is{' '}
      {shippedVersion}
    </>
  )
