"""The REST interface, version 1: JSON resources below /api/v1, errors as problem documents."""
