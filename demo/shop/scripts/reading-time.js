// Stands for a measuring service's script: says once that it runs, and how long a page was read when it is left.
{
  const openedMs = performance.now()
  const report = (kind) =>
    navigator.sendBeacon(
      '/collect',
      JSON.stringify({ kind, path: location.pathname, seconds: Math.round((performance.now() - openedMs) / 1000) }),
    )
  report('reading-begins')
  // A withdrawal cannot unload a script; this one asks before it reports again.
  addEventListener('pagehide', () => window.sayso?.allowed('analytics') && report('reading-ends'))
}
