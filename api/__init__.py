"""The edges: REST, WebSocket, MQTT, dashboard, command line. Translates, never decides."""
