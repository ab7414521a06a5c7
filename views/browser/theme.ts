// Sets a remembered light or dark choice before the first paint; that is why it is a file of its own
// and the only script that blocks. Without it the page follows the system.

const saved = localStorage.getItem('theme')
if (saved === 'light' || saved === 'dark') document.documentElement.dataset.theme = saved
