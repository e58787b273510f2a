// Stands for an advertising network's script: recognises this browser by a cookie and reports what was looked at.
{
  const stored = document.cookie.match(/(?:^|; )ff_ads=([^;]*)/)
  const browser = stored ? stored[1] : Math.random().toString(36).slice(2, 12)
  document.cookie = `ff_ads=${browser}; Path=/; Max-Age=2592000; SameSite=Lax`
  navigator.sendBeacon('/collect', JSON.stringify({ kind: 'advertising', path: location.pathname, browser }))
}
