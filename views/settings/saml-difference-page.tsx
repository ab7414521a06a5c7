// What newer metadata of a provider by SAML change, before they are put in place.

import type { MetadataDifference, SeenCertificate } from '#domain/identity/saml-entering.ts'
import { Badge, type Tone } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Code, Foreign, Time } from '#views/parts/text.tsx'

export interface SamlDifferenceShown {
  readonly path: string
  readonly difference: MetadataDifference
  readonly metadata: string
}

export const SamlDifferencePage = ({ shown }: { shown: SamlDifferenceShown }) => (
  <>
    <Head title="Newer metadata" />
    <Panel title="What changes" id="changes">
      <PanelBody>
        <div class="stack">
          <Places difference={shown.difference} />
          <Certificates tone="ok" word="added" all={shown.difference.added} />
          <Certificates tone="warn" word="removed" all={shown.difference.removed} />
          <Certificates tone="unknown" word="stays" all={shown.difference.kept} />
          <form method="post" action={shown.path} class="row">
            <input type="hidden" name="metadata" value={shown.metadata} />
            <input type="hidden" name="isSeen" value="yes" />
            <Button kind="primary">Put in place</Button>
            <LinkButton href={shown.path}>Leave as it is</LinkButton>
          </form>
        </div>
      </PanelBody>
    </Panel>
  </>
)

const Places = ({ difference: { issuer, signOnUrl } }: { difference: MetadataDifference }) => (
  <>
    {issuer !== undefined && (
      <>
        <p>
          <Badge tone="warn">another provider</Badge> Whoever was connected is signed out and
          connects again.
        </p>
        <Code label="Entity id from now on" text={issuer} />
      </>
    )}
    {signOnUrl !== undefined && <Code label="Where people sign in from now on" text={signOnUrl} />}
    {issuer === undefined && signOnUrl === undefined && (
      <p class="muted">The same provider, at the same address.</p>
    )}
  </>
)

const Certificates = (props: {
  readonly tone: Tone
  readonly word: string
  readonly all: readonly SeenCertificate[]
}) => (
  <>
    {props.all.map(({ subject, endsAt, pin }) => (
      <div class="stack-s">
        <p>
          <Badge tone={props.tone}>{props.word}</Badge> <Foreign text={subject} class="break" />,
          ends <Time at={endsAt} />
        </p>
        <p class="small muted mono break">sha256/{pin}</p>
      </div>
    ))}
  </>
)
