"""One plugin for client, worker and replayer: the same encryption and workflows everywhere."""

from temporalio.plugin import SimplePlugin
from temporalio.worker import UnsandboxedWorkflowRunner

from vault.keys import KeyRing
from worker.codec import data_converter
from worker.patience import PatientQueries
from worker.signals import OneFactEach
from workflows.consideration import ConsiderationWorkflow
from workflows.cspr import CsprWorkflow
from workflows.follow_up import FollowUpWorkflow
from workflows.panel_answer import PanelAnswerWorkflow
from workflows.rapid_review import RapidReviewWorkflow

WORKFLOWS = [
    RapidReviewWorkflow,
    PanelAnswerWorkflow,
    FollowUpWorkflow,
    CsprWorkflow,
    ConsiderationWorkflow,
]
"""Every workflow this project runs."""


def rapid_review_plugin(keyring: KeyRing) -> SimplePlugin:
    """The plugin that seals every payload with ``keyring`` and knows every workflow.

    Workflows run without the engine's sandbox: see ``docs/decisions/0009-workflows-run-unsandboxed.md``.
    """
    return SimplePlugin(
        "rapid-review",
        data_converter=data_converter(keyring),
        workflows=WORKFLOWS,
        workflow_runner=UnsandboxedWorkflowRunner(),
        interceptors=[OneFactEach(), PatientQueries()],
    )
