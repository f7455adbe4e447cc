// Start of the cockpit.
import { render } from 'solid-js/web';
import { App } from './App';
import './style/base.css';
import './style/header.css';
import './style/board.css';
import './style/pane.css';
import './style/panel.css';
import './style/start.css';
import './style/sight.css';
import { applyTheme } from './theme';

applyTheme();
render(() => <App />, document.getElementById('app')!);
