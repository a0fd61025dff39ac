"""The access file to start with."""

TEMPLATE = """\
# Who may use the service, and what they may do: docs/access.md. The service reads a new version
# of this file within a second; a faulty one is logged, and the one before stays in force.

roles:
  agent:
    - Create Customer Profile
    - Read Customer Profile
    - Update Customer Profile
    - Create Customer Profile Extension
    - Read Customer Profile Extension
    - Update Customer Profile Extension
    - Read Business Attributes
    - Read Profile Extension Schema
    - Read Id Keys
  supervisor:
    - Create Customer Profile
    - Read Customer Profile
    - Update Customer Profile
    - Delete Customer Profile
    - Merge Customer Profile
    - Create Customer Profile Extension
    - Read Customer Profile Extension
    - Update Customer Profile Extension
    - Delete Customer Profile Extension
    - Read Business Attributes
    - Read Profile Extension Schema
    - Read Id Keys
    - Read Sensitive Attributes
  ivr:
    - Read Customer Profile
    - Read Customer Profile Extension
    - Update Customer Profile
  administrator: "*"
  monitoring:
    - Read Server Status
"""
