// Types of install.mjs, which stays plain JavaScript because it runs before anything is installed.
interface Lockfile {
  packages: Record<string, { version?: string; integrity?: string; optional?: boolean }>
}

export function isInstallDue(wanted: Lockfile, installed: Lockfile | null): boolean
export function installPackages(folder: string): void
export function install(root: string): void
export function pinnedNode(root: string): string
export function pinnedEnvironment(root: string, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv
