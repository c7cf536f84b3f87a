Feature: Asking

  Scenario: One question
    Given the shop is open
    When somebody asks
    Then it is answered
