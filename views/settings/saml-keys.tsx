// Our own keys towards a provider by SAML: which there are, when they end, the next one.

import type { OwnKey } from '#domain/identity/own-keys.ts'
import { Button } from '#views/parts/button.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { Panel, PanelBody } from '#views/parts/panel.tsx'
import { Code, Time } from '#views/parts/text.tsx'

interface KeysProps {
  /** Oldest first. */
  readonly keys: readonly OwnKey[]
  readonly path: string
  readonly mayManage: boolean
}

export const OwnKeys = ({ keys, path, mayManage }: KeysProps) => (
  <Panel title="Our keys" id="keys">
    <PanelBody>
      <div class="stack">
        <p class="small muted">
          {keys.length === 0
            ? 'None yet. With one the provider can encrypt assertions for us, and our requests can be signed.'
            : 'The provider encrypts for one of them; the oldest signs our requests. All of them are among our metadata.'}
        </p>
        {keys.map((key) => (
          <OwnKeyRow own={key} path={path} mayManage={mayManage} />
        ))}
        {mayManage && keys.length < 2 && (
          <form method="post" action={path} class="row">
            <Button icon="plus">{keys.length === 0 ? 'Make a key' : 'Make the next key'}</Button>
          </form>
        )}
      </div>
    </PanelBody>
  </Panel>
)

const OwnKeyRow = ({
  own,
  path,
  mayManage,
}: Pick<KeysProps, 'path' | 'mayManage'> & { readonly own: OwnKey }) => (
  <div class="stack-s">
    <p>
      Made <Time at={own.createdAt} />, ends <Time at={own.endsAt} />
    </p>
    <Code label="Its certificate" text={own.certificate.trim()} />
    {mayManage && (
      <div class="row">
        <Confirm
          id={`end-${own.id}`}
          opener="Take away"
          button={{ size: 's' }}
          question="Take this key away?"
          consequence="What the provider still encrypts for it is not read any more."
          keep="Keep it"
          verb="Take away"
          path={`${path}/end`}
          fields={{ key: own.id }}
        />
      </div>
    )}
  </div>
)
