// The steps of a test of an identity provider, each with its verdict, and the claims that came.

import type { Step } from '#domain/identity/port.ts'
import { Badge, type Tone } from '#views/parts/badge.tsx'
import { LinkButton } from '#views/parts/button.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Code, Foreign } from '#views/parts/text.tsx'

export interface ProviderTestShown {
  readonly name: string
  /** Of the provider's page. */
  readonly path: string
  readonly steps: readonly Step[]
  /** Undefined where no answer held. */
  readonly claims: Readonly<Record<string, unknown>> | undefined
}

export const ProviderTestPage = ({ shown }: { shown: ProviderTestShown }) => (
  <>
    <h1>
      Test of <Foreign text={shown.name} />
    </h1>
    <p class="muted">Nothing was changed by this: no account, no role, no session.</p>
    <Steps steps={shown.steps} />
    {shown.claims && (
      <Code label="The claims that came" text={JSON.stringify(shown.claims, undefined, 2)} />
    )}
    <LinkButton href={shown.path} size="big" class="btn-block">
      Back to the provider
    </LinkButton>
  </>
)

export interface ProviderLookShown {
  readonly name: string
  readonly path: string
  readonly steps: readonly Step[]
}

/** What can be told before anybody signs in. */
export const ProviderLookPage = ({ shown }: { shown: ProviderLookShown }) => (
  <>
    <Head title={`Test of ${shown.name}`} />
    <Panel title="Without a person" id="look">
      <PanelBody>
        <Steps steps={shown.steps} />
      </PanelBody>
    </Panel>
    <Panel title="With you" id="way">
      <PanelBody>
        <p>
          You go to the provider and sign in there. Back here you see the claims that came, and what
          they would make of you. Nothing is changed by it. Where the provider shows an error about
          a redirect URI and you do not come back, enter the one of this provider’s page there, to
          the letter.
        </p>
        <div class="row">
          <LinkButton href={`${shown.path}/test/begin`} kind="primary" icon="activity">
            Sign in there and come back
          </LinkButton>
        </div>
      </PanelBody>
    </Panel>
  </>
)

const TONES: Readonly<Record<Step['verdict'], readonly [Tone, string]>> = {
  good: ['ok', 'good'],
  odd: ['warn', 'look'],
  bad: ['bad', 'not good'],
}

const Steps = ({ steps }: { steps: readonly Step[] }) => (
  <ul class="stack plain">
    {steps.map(({ name, verdict, text, advice }) => (
      <li>
        <Badge tone={TONES[verdict][0]}>{TONES[verdict][1]}</Badge> <strong>{name}.</strong>{' '}
        <Foreign text={text} class="break" />
        {advice !== undefined && (
          <p class="muted small break">
            <span aria-hidden="true">→ </span>
            {advice}
          </p>
        )}
      </li>
    ))}
  </ul>
)
