// What a stranger sees at `/`: what this is, that it runs, how to go on.

import type { Child } from 'hono/jsx'
import { LinkButton } from '#views/parts/button.tsx'

export const StartPage = (props: { host: string; devSignIn: string | null }) => (
  <>
    <h1>It runs, and you are not signed in</h1>
    <div class="stack-s">
      <p class="muted">
        Rulewright keeps detection rules, who signed which change, and what runs on each SIEM, in
        one place of your own. It sends nothing to anyone else.
      </p>
      <p class="muted">
        This instance answers as <b class="break">{props.host}</b>.
      </p>
    </div>
    {props.devSignIn === null ? (
      <>
        <LinkButton href="/sign-in" kind="primary" size="big" icon="log-in" class="btn-block">
          Sign in
        </LinkButton>
        <Steps />
      </>
    ) : (
      <LinkButton href={props.devSignIn} kind="primary" size="big" icon="log-in" class="btn-block">
        Sign in for development
      </LinkButton>
    )}
  </>
)

const Steps = () => (
  <ul class="err-do">
    <Step>A demonstration prints a single-use link for each of its people.</Step>
    <Step>No account? Ask whoever runs this instance: people come by invitation.</Step>
  </ul>
)

const Step = (props: { children?: Child }) => <li>{props.children}</li>
