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
      <Steps />
    ) : (
      <LinkButton href={props.devSignIn} kind="primary" size="big" icon="log-in" class="btn-block">
        Sign in for development
      </LinkButton>
    )}
  </>
)

const Steps = () => (
  <ul class="err-do">
    <Step>
      Use the single-use link that <code>rulewright demo</code> printed for you.
    </Step>
    <Step>Or ask whoever runs this instance: accounts are by invitation.</Step>
  </ul>
)

const Step = (props: { children?: Child }) => <li>{props.children}</li>
