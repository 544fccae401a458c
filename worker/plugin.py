"""One plugin for client, worker and replayer: the same encryption, workflows and sandbox everywhere."""

import dataclasses

from temporalio.plugin import SimplePlugin
from temporalio.worker import WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from vault.keys import KeyRing
from worker.codec import data_converter
from workflows.rapid_review import RapidReviewWorkflow

WORKFLOWS = [RapidReviewWorkflow]
"""Every workflow this project runs."""

SHARED_MODULES = (
    "domain",
    "activities.signatures",
    "pydantic",
    "pydantic_core",
    "annotated_types",
    "zoneinfo",
)
"""Modules the sandbox shares with its workflows: pure, and costly to load once for each case."""


def rapid_review_plugin(keyring: KeyRing) -> SimplePlugin:
    """The plugin that seals every payload with ``keyring`` and knows every workflow."""
    return SimplePlugin(
        "rapid-review",
        data_converter=data_converter(keyring),
        workflows=WORKFLOWS,
        workflow_runner=sandbox,
    )


def sandbox(_: WorkflowRunner | None = None) -> WorkflowRunner:
    """The sandbox in which workflows run, with the pure modules passed through."""
    restrictions = SandboxRestrictions.default
    shared = restrictions.passthrough_modules | set(SHARED_MODULES)
    return SandboxedWorkflowRunner(restrictions=dataclasses.replace(restrictions, passthrough_modules=shared))
