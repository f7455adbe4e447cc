// Start of the cockpit.
import { render } from 'solid-js/web';
import { App } from './App';
import './style/base.css';
import './style/header.css';
import './style/board.css';
import './style/pane.css';
import './style/panel.css';

render(() => <App />, document.getElementById('app')!);
