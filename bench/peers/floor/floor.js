(() => {
  const add = () => {
    const box = document.createElement('div')
    box.id = 'floor'
    box.textContent = 'Ask?'
    box.style = 'position:fixed;bottom:0;background:#fff'
    document.body.append(box)
  }
  if (document.body) add()
  else addEventListener('DOMContentLoaded', add)
})()
