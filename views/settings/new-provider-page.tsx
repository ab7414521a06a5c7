// A new identity provider: which one, what to enter there, and what it answers.

import type { ProviderId } from '#kernel/id.ts'
import { Button } from '#views/parts/button.tsx'
import type { FieldProblems } from '#views/parts/field.tsx'
import { Head, Panel, PanelBody, Tabs } from '#views/parts/panel.tsx'
import { ProviderFields } from './provider-fields.tsx'
import { Registered } from './provider-page.tsx'
import type { ProviderValues } from './provider-values.ts'
import type { ProviderAddresses } from './saml-registered.tsx'

export interface NewProviderShown {
  /** Of the list. */
  readonly path: string
  readonly id: ProviderId
  readonly values: ProviderValues
  readonly problems: FieldProblems
  readonly addresses: ProviderAddresses
}

const PRESETS = [
  ['okta', 'Okta'],
  ['entra', 'Entra ID'],
  ['google', 'Google'],
  ['generic', 'Another one'],
] as const

export const NewProviderPage = ({ shown }: { shown: NewProviderShown }) => (
  <>
    <Head title="New provider" />
    <Tabs
      label="Which provider"
      tabs={PRESETS.map(([preset, label]) => ({
        href: `${shown.path}/new?preset=${preset}`,
        label,
        isCurrent: shown.values.preset === preset,
      }))}
    />
    <div class="split">
      <Panel title="The provider" id="provider">
        <PanelBody>
          <form method="post" action={shown.path} class="stack">
            <input type="hidden" name="id" value={shown.id} />
            <ProviderFields values={shown.values} problems={shown.problems} isNew />
            <div class="row">
              <Button kind="primary">Add provider</Button>
            </div>
          </form>
        </PanelBody>
      </Panel>
      <Registered addresses={shown.addresses} preset={shown.values.preset} />
    </div>
  </>
)
