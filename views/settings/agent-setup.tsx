// How clients of agents are set up, ready to be pasted: the address of this server, and the place where
// the token goes. The paper `docs/mcp.md` shows the same texts; a test compares them.

import { Code } from '#views/parts/text.tsx'

interface AgentSetup {
  readonly client: string
  /** The file it stands in, or where it is typed. */
  readonly where: string
  readonly text: string
}

/** The token stays in the environment, where the client reads it from there: `MCP_TOKEN`. */
export function agentSetups(url: string): readonly AgentSetup[] {
  return [
    {
      client: 'Claude Code',
      where: 'in a terminal',
      text: `claude mcp add --transport http rulewright ${url} --header "Authorization: Bearer $MCP_TOKEN"`,
    },
    {
      client: 'Cursor',
      where: '.cursor/mcp.json',
      text: serversFile('url', url),
    },
    {
      client: 'Windsurf',
      where: '~/.codeium/windsurf/mcp_config.json',
      text: serversFile('serverUrl', url),
    },
    {
      client: 'Visual Studio Code',
      where: '.vscode/mcp.json',
      text: `{
  "inputs": [
    { "type": "promptString", "id": "token", "description": "MCP token", "password": true }
  ],
  "servers": {
    "rulewright": {
      "type": "http",
      "url": "${url}",
      "headers": { "Authorization": "Bearer \${input:token}" }
    }
  }
}`,
    },
    {
      client: 'Codex',
      where: '~/.codex/config.toml',
      text: `[mcp_servers.rulewright]
url = "${url}"
bearer_token_env_var = "MCP_TOKEN"`,
    },
    {
      client: 'Claude Desktop',
      where: 'claude_desktop_config.json, through a bridge',
      text: `{
  "mcpServers": {
    "rulewright": {
      "command": "npx",
      "args": ["mcp-remote", "${url}", "--header", "Authorization:\${AUTH}"],
      "env": { "AUTH": "Bearer rw_mcp_…" }
    }
  }
}`,
    },
  ]
}

function serversFile(key: 'url' | 'serverUrl', url: string): string {
  return `{
  "mcpServers": {
    "rulewright": {
      "${key}": "${url}",
      "headers": { "Authorization": "Bearer \${env:MCP_TOKEN}" }
    }
  }
}`
}

export const AgentSetups = ({ url }: { url: string }) => (
  <div class="stack">
    <p class="muted">
      Keep the token in the environment as <span class="mono">MCP_TOKEN</span>.{' '}
      <a href="/docs/mcp">What an agent can do, and other clients</a>
    </p>
    {agentSetups(url).map(({ client, where, text }, index) => (
      <details open={index === 0}>
        <summary>
          {client} <span class="muted small break">{where}</span>
        </summary>
        <Code label={`Set-up of ${client}`} text={text} />
      </details>
    ))}
  </div>
)
